using System.Globalization;
using System.Numerics;
using System.Reflection;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Radar.Market;
using Radar.Market.Store;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Market.Store;

/// <summary>What the store promises, written once; every server that Radar runs on keeps it.</summary>
public abstract partial class StoreContractTests
{
    private const string Btc = "BTCUSDT";
    private const long Noon = 1_723_161_600_000 - (1_723_161_600_000 % 86_400_000) + 43_200_000;
    private static readonly TopicIdentity Topic = new("market-ticks", "id-1", 12);
    private static int _epochs;

    private readonly RedisKeys _keys = new($"t{Interlocked.Increment(ref _epochs)}", 3);
    private readonly ProjectionOptions _options = new() { TradesRetained = 5 };

    protected abstract IConnectionMultiplexer Redis { get; }

    private IDatabase Database => Redis.GetDatabase();

    private PartitionProjection NewProjection() => new(Database, _keys, _options);

    private static PartitionPosition At(long offset) => new(offset, Topic, 1000 + offset);

    private static AppliedTick Tick(long offset, decimal price, long timestampMs = Noon, decimal size = 1, string symbol = Btc) =>
        new(new Tick(symbol, price, timestampMs, size, new TradeId(offset)), offset);

    [ContractFact]
    public async Task Batch_is_written_with_its_position_and_published()
    {
        var changes = new TaskCompletionSource<byte[]>();
        await Redis.GetSubscriber().SubscribeAsync(RedisChannel.Literal(_keys.Changes), (_, change) => changes.TrySetResult(change!));
        var projection = NewProjection();
        Assert.Null(await projection.OpenAsync());

        var result = await projection.ApplyAsync(new[] { Tick(0, 10), Tick(1, 11) }, At(2));

        Assert.True(result.Applied);
        Assert.Equal(At(2) with { Settings = projection.Settings }, await NewProjection().OpenAsync());
        var location = await new MarketReader(Redis).FindAsync(new MarketLayout(_keys.Epoch, Topic), Btc);
        Assert.Equal(
            """{"symbol":"BTCUSDT","t":"2024-08-09T12:00:00.000Z","p":11,"s":1,"i":1,"side":null,"venue":null}""",
            Encoding.UTF8.GetString(StoredRecord.Public(location!.Latest.Span)));
        Assert.Equal(3, location.Keys.Partition);
        var change = new MessagePack.MessagePackReader(await changes.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(6, change.ReadArrayHeader());
        Assert.Equal(ChangeWriter.Version, change.ReadInt32());
        Assert.Equal("none", change.ReadString());
        Assert.Equal("2", change.ReadString());
    }

    [ContractFact]
    public async Task Batch_of_a_writer_that_is_behind_changes_nothing_and_names_the_stored_position()
    {
        var zombie = NewProjection();
        await zombie.OpenAsync();
        var owner = NewProjection();
        await owner.OpenAsync();
        Assert.True((await owner.ApplyAsync(new[] { Tick(0, 10), Tick(1, 11) }, At(2))).Applied);
        string before = await DumpAsync();

        var result = await zombie.ApplyAsync(new[] { Tick(0, 10) }, At(1));

        Assert.Equal(new BatchResult(false, 0, "2"), result with { Script = default }); // how long Redis took is measured
        Assert.Equal(before, await DumpAsync());
    }

    [ContractFact]
    public async Task Batch_after_a_flush_is_fenced_off_and_the_state_is_rebuilt()
    {
        var projection = NewProjection();
        await projection.OpenAsync();
        await projection.ApplyAsync(new[] { Tick(0, 10) }, At(1));
        string whole = await ApplyAllAsync(projection, [Tick(1, 11)], 1);
        await Database.KeyDeleteAsync([.. Redis.GetServers()[0].Keys(pattern: $"radar:{{{_keys.Epoch}.*")]);

        Assert.Equal("none", (await projection.ApplyAsync(new[] { Tick(2, 12) }, At(3))).StoredPosition);

        Assert.Null(await projection.OpenAsync());
        Assert.Equal(whole, await ApplyAllAsync(projection, [Tick(0, 10), Tick(1, 11)], 1));
    }

    [ContractFact]
    public async Task Change_of_another_topic_is_fenced_off()
    {
        var projection = NewProjection();
        await projection.OpenAsync();
        await projection.ApplyAsync(new[] { Tick(0, 10) }, At(1));
        await Database.HashSetAsync(_keys.Position, "identity", new TopicIdentity("market-ticks", "id-2", 12).ToString());
        string before = await DumpAsync();

        Assert.False((await projection.ApplyAsync(new[] { Tick(1, 11) }, At(2))).Applied);
        Assert.Equal(before, await DumpAsync());
    }

    [ContractFact]
    public async Task Change_that_goes_back_is_refused_before_anything_is_written()
    {
        var projection = NewProjection();
        await projection.OpenAsync();
        await projection.ApplyAsync(new[] { Tick(7, 10) }, At(8));
        string before = await DumpAsync();

        var error = await Assert.ThrowsAsync<RedisServerException>(() => projection.ApplyAsync(new[] { Tick(1, 11) }, At(2)));

        Assert.Contains("cannot go back from 8 to 2", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await DumpAsync());
    }

    [ContractTheory]
    [InlineData("position")]
    [InlineData("latest")]
    [InlineData("days")]
    [InlineData("trades:BTCUSDT")]
    [InlineData("bars:1Min:BTCUSDT")]
    [InlineData("bars:1Day:BTCUSDT")]
    public async Task Key_of_a_foreign_type_is_refused_before_anything_is_written(string key)
    {
        await Database.StringSetAsync($"radar:{{{_keys.Epoch}.p03}}:{key}", "someone else's");
        string before = await DumpAsync();
        var projection = NewProjection();

        var damage = await Assert.ThrowsAsync<DamagedStateException>(async () =>
        {
            await projection.OpenAsync();
            await projection.ApplyAsync(new[] { Tick(0, 10) }, At(1));
        });

        Assert.Equal($"radar:{{{_keys.Epoch}.p03}}:{key} is of another type", damage.Finding.Detailed);
        Assert.Equal(before, await DumpAsync());
    }

    [ContractFact]
    public async Task Script_refuses_keys_that_do_not_fit_and_changes_of_an_unknown_version()
    {
        using var stream = typeof(RedisKeys).Assembly.GetManifestResourceStream("apply.lua")!;
        string script = await new StreamReader(stream).ReadToEndAsync();
        foreach (int version in new[] { 3, 5 })
        {
            string unknown = (await Assert.ThrowsAsync<RedisServerException>(() => RunAsync(version, 3))).Message;
            Assert.Contains("unknown version", unknown, StringComparison.Ordinal);
        }

        string unfitting = (await Assert.ThrowsAsync<RedisServerException>(() => RunAsync(4, 4))).Message;
        Assert.Contains("keys do not fit", unfitting, StringComparison.Ordinal);
        Assert.Equal("", await DumpAsync());

        Task<RedisResult> RunAsync(int version, int keyCount)
        {
            var buffer = new System.Buffers.ArrayBufferWriter<byte>();
            var writer = new MessagePack.MessagePackWriter(buffer);
            writer.WriteArrayHeader(6);
            writer.Write(version);
            writer.Write("none");
            writer.Write("1");
            writer.WriteArrayHeader(2);
            writer.Write("identity");
            writer.Write(Topic.ToString());
            writer.WriteArrayHeader(0);
            writer.WriteArrayHeader(0);
            writer.Flush();
            RedisKey[] keys = [_keys.Position, _keys.Latest, _keys.Days, _keys.Trades(Btc)];
            return Database.ScriptEvaluateAsync(script, keys[..keyCount], ["channel", 5, buffer.WrittenMemory]);
        }
    }

    /// <summary>
    /// One script is one step for everybody else: who has seen a position finds what it covers, and who reads in a transaction finds
    /// nothing of two batches at once.
    /// </summary>
    [ContractFact]
    public async Task Batch_is_seen_whole_or_not_at_all_by_readers_beside_it()
    {
        const int Symbols = 50, Batches = 400;
        string[] names = [.. Enumerable.Range(0, Symbols).Select(i => $"S{i}")];
        using var own = await PatientRedis.ConnectAsync(Redis.Configuration);
        var projection = new PartitionProjection(own.GetDatabase(), _keys, _options);
        await projection.OpenAsync();
        var writing = Task.Run(async () =>
        {
            for (int batch = 0; batch < Batches; batch++)
            {
                var ticks = names.Select((name, i) => Tick((batch * Symbols) + i, batch + 1, Noon + batch, symbol: name)).ToArray();
                Assert.True((await projection.ApplyAsync(ticks, At((batch + 1) * Symbols))).Applied);
            }
        });

        int reads = 0;
        var last = names[^1];
        while (!writing.IsCompleted || reads == 0)
        {
            if ((long?)await Database.HashGetAsync(_keys.Position, "offset") is not { } position)
                continue;
            var (_, offset) = StoredRecord.Order(((ReadOnlyMemory<byte>)await Database.HashGetAsync(_keys.Latest, last)).Span);
            Assert.True(offset + 1 >= position, $"Position {position} was seen, but {last} still had offset {offset}.");
            var trades = await Database.ListRangeAsync(_keys.Trades(last));
            (_, offset) = StoredRecord.Order(((ReadOnlyMemory<byte>)trades[^1]).Span);
            Assert.True(offset + 1 >= position, $"Position {position} was seen, but the newest trade of {last} still had offset {offset}.");

            ITransaction transaction = Database.CreateTransaction();
            var all = transaction.HashGetAsync(_keys.Latest, [.. names.Select(name => (RedisValue)name)]);
            var newest = transaction.ListRangeAsync(_keys.Trades(names[0]), -1, -1);
            await transaction.ExecuteAsync();
            var offsets = (await all).Select(record => StoredRecord.Order(((ReadOnlyMemory<byte>)record).Span).Offset).ToList();
            Assert.Equal(Enumerable.Range(0, Symbols).Select(i => offsets[0] + i), offsets);
            Assert.Equal(offsets[0], StoredRecord.Order(((ReadOnlyMemory<byte>)(await newest)[0]).Span).Offset);
            reads++;
        }

        await writing;
    }

    /// <summary>A replica may be behind: what the writer believes has to come from where it writes.</summary>
    [ContractFact]
    public async Task Writer_reads_from_the_master_only()
    {
        IDatabase database = DispatchProxy.Create<IDatabase, FlagsOfCalls>();
        var calls = (FlagsOfCalls)(object)database;
        calls.Target = Database;
        var projection = new PartitionProjection(database, _keys, _options);
        for (int i = 0; i < 2; i++)
        {
            await projection.OpenAsync();
            await projection.ApplyAsync(new[] { Tick(i * 3, 10, Noon), Tick((i * 3) + 1, 11, Noon + 180_000), Tick(
                (i * 3) + 2, 12, Noon - 60_000) }, At((i * 3) + 3));
        }

        Assert.Contains(nameof(IDatabase.SortedSetRangeByScoreAsync), calls.Seen.Select(call => call.Method));
        Assert.All(calls.Seen, call => Assert.True(call.Flags.HasFlag(CommandFlags.DemandMaster), call.Method));
    }

    private async Task<string> ApplyAllAsync(
        PartitionProjection projection, List<AppliedTick> log, int size, int forgetEvery = int.MaxValue)
    {
        int batches = 0;
        foreach (AppliedTick[] batch in log.Chunk(size))
        {
            if (++batches % forgetEvery == 0)
                await projection.OpenAsync();
            Assert.True((await projection.ApplyAsync(batch, At(batch[^1].Offset + 1))).Applied);
        }

        return await DumpAsync();
    }

    private async Task<List<JsonObject>> BarsAsync(string symbol, Timeframe timeframe) =>
        (await BarRecordsAsync(symbol, timeframe)).ConvertAll(Json);

    private async Task<List<string>> BarRecordsAsync(string symbol, Timeframe timeframe)
    {
        var (_, records) = await new MarketReader(Redis).BarsAsync(_keys, symbol, timeframe, 0, long.MaxValue, false, 10_000);
        return [.. records.Select(record => Encoding.UTF8.GetString(record.Span))];
    }

    private static JsonObject Json(string record) => JsonNode.Parse(record.Split('\n')[0])!.AsObject();

    private Task<string> DumpAsync() => RedisDump.OfAsync(Redis, $"radar:{{{_keys.Epoch}.*");

    public class FlagsOfCalls : DispatchProxy
    {
        internal IDatabase Target { get; set; } = null!;

        internal List<(string Method, CommandFlags Flags)> Seen { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Seen.Add((targetMethod!.Name, args!.OfType<CommandFlags>().Single()));
            return targetMethod.CallOn(Target, args);
        }
    }
}
