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

namespace Radar.Tests.Market;

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

    [SkippableFact]
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

    [SkippableFact]
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

    [SkippableFact]
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

    [SkippableFact]
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

    [SkippableFact]
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

    [SkippableTheory]
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

        Assert.Equal($"radar:{{{_keys.Epoch}.p03}}:{key} is of another type", damage.Finding);
        Assert.Equal(before, await DumpAsync());
    }

    [SkippableFact]
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

    [SkippableFact]
    public async Task Late_tick_corrects_its_bar_and_one_past_retention_is_counted_only()
    {
        var options = new ProjectionOptions { Days1Min = 1 };
        var projection = new PartitionProjection(Database, _keys, options);
        await projection.OpenAsync();
        await projection.ApplyAsync(new[] { Tick(0, 10, Noon), Tick(1, 12, Noon + 3_600_000), Tick(2, 11, Noon + 7_200_000) }, At(3));

        var late = await projection.ApplyAsync(new[] { Tick(3, 9, Noon + 1), Tick(4, 8, Noon - (2 * 86_400_000)) }, At(5));

        Assert.Equal(1, late.TooLate);
        var minutes = await BarsAsync(Btc, Timeframe.Minute);
        Assert.Equal([10m, 12m, 11m], minutes.Select(bar => (decimal)bar["o"]!));
        Assert.Equal([9m, 12m, 11m], minutes.Select(bar => (decimal)bar["c"]!));
        Assert.Equal([2, 1, 1], minutes.Select(bar => (int)bar["n"]!));
        Assert.Equal(2, (await BarsAsync(Btc, Timeframe.Day)).Count);
    }

    [SkippableFact]
    public async Task Previous_close_and_change_follow_the_daily_bars()
    {
        var projection = NewProjection();
        await projection.OpenAsync();
        await projection.ApplyAsync(new[] { Tick(0, 100, Noon) }, At(1));
        Assert.Equal(
            """{"symbol":"BTCUSDT","t":"2024-08-09T12:00:00.000Z","p":100,"previous_close":null,"change":null,"change_percent":null}""",
            ((string?)await Database.HashGetAsync(_keys.Days, Btc))!.Split('\n')[0]);

        await projection.OpenAsync(); // the previous bar comes from the store
        await projection.ApplyAsync(new[] { Tick(1, 103, Noon + 86_400_000) }, At(2));
        Assert.Contains("\"previous_close\":100,\"change\":3,\"change_percent\":3", (string?)await Database.HashGetAsync(_keys.Days, Btc), StringComparison.Ordinal);

        await projection.ApplyAsync(new[] { Tick(2, 50, Noon + 1) }, At(3));
        Assert.Contains("\"previous_close\":50,\"change\":53,\"change_percent\":106", (string?)await Database.HashGetAsync(_keys.Days, Btc), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Many_trades_and_symbols_fit_one_change()
    {
        var projection = new PartitionProjection(Database, _keys, new ProjectionOptions { TradesRetained = 10_000 });
        await projection.OpenAsync();
        var batch = Enumerable.Range(0, 12_000).Select(i => Tick(i, i + 1, Noon + i, symbol: i < 11_000 ? Btc : $"S{i}")).ToArray();

        Assert.True((await projection.ApplyAsync(batch, At(12_000))).Applied);

        var trades = await Database.ListRangeAsync(_keys.Trades(Btc));
        Assert.Equal(10_000, trades.Length);
        Assert.Equal(1_000, StoredRecord.Order(((ReadOnlyMemory<byte>)trades[0]).Span).Offset);
        Assert.Equal(1_001, await Database.HashLengthAsync(_keys.Latest));
    }

    /// <summary>
    /// One script is one step for everybody else: who has seen a position finds what it covers, and who reads in a transaction finds
    /// nothing of two batches at once.
    /// </summary>
    [SkippableFact]
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

    /// <summary>
    /// Shuffled, late and duplicate-looking ticks of a few days, cut into batches anyhow, with the memory dropped now and then: the state
    /// equals a plain fold of the log, and does not depend on the cuts by a single byte.
    /// </summary>
    [SkippableFact]
    public void Any_log_in_any_batches_ends_in_the_state_of_a_plain_fold()
    {
        _ = Redis; // a test that is skipped among its samples would fail
        var tick =
            from symbol in Gen.Int[0, 2]
            from price in Gen.OneOf(Gen.Int[1, 50].Select(quarters => quarters / 4m), Amount(100_000_000_000_000, 8, 10))
            from size in Gen.OneOf(Gen.Int[0, 3].Select(eighths => eighths / 8m), Amount(1_000_000_000_000_000_000, 18, 27))
            from minute in Gen.Frequency((6, Gen.Int[2880, 2890]), (3, Gen.Int[2000, 2890]), (2, Gen.Int[0, 8000]))
            from ms in Gen.Int[0, 3]
            select new Tick($"S{symbol}", price, (Noon - (Noon % 86_400_000)) + (minute * 60_000L) + ms, size, default, Side.Buy, "x");
        Gen.Select(tick.List[1, 60], Gen.Int[1, 20], Gen.Int[1, 20], Gen.Int[1, 5])
            .Sample(
                (ticks, cut, otherCut, forget) => CheckAsync(ticks, cut, otherCut, forget).GetAwaiter().GetResult(),
                iter: 60, threads: 1, print: sample => string.Join('\n', sample.Item1) + $"\n{sample.Item2} {sample.Item3} {sample.Item4}");

        async Task CheckAsync(List<Tick> ticks, int cut, int otherCut, int forget)
        {
            var options = new ProjectionOptions { TradesRetained = 7, Days1Min = 1, Days5Min = 2, Days15Min = 2, Days1Hour = 3, Days1Day = 2 };
            var fold = new ReferenceFold(options);
            var log = new List<AppliedTick>();
            foreach (Tick item in ticks)
            {
                fold.Add(item, log.Count * 2);
                log.Add(new AppliedTick(item, log.Count * 2)); // offsets with gaps
            }

            string first = await BuildAsync(cut, int.MaxValue);
            foreach (string symbol in fold.Symbols)
            {
                Assert.Equal(
                    fold.Latest(symbol).Offset,
                    StoredRecord.Order(((ReadOnlyMemory<byte>)await Database.HashGetAsync(_keys.Latest, symbol)).Span).Offset);
                Assert.Equal(
                    fold.Trades(symbol).Select(entry => entry.Offset),
                    (await Database.ListRangeAsync(_keys.Trades(symbol))).Select(trade => StoredRecord.Order(((ReadOnlyMemory<byte>)trade).Span).Offset));
                foreach (Timeframe timeframe in Timeframe.All)
                {
                    Assert.Equal(
                        fold.Bars(symbol, timeframe).Select(Canonical).Zip(fold.Sums(symbol, timeframe)),
                        (await BarRecordsAsync(symbol, timeframe)).Select(bar => (Canonical(Json(bar)), Sums(bar))));
                }

                var day = Json((string)(await Database.HashGetAsync(_keys.Days, symbol))!);
                Assert.Equal(fold.PreviousClose(symbol), (decimal?)day["previous_close"]);
            }

            Assert.Equal(first, await BuildAsync(otherCut, forget));

            async Task<string> BuildAsync(int size, int forgetEvery)
            {
                await Database.KeyDeleteAsync([.. Redis.GetServers()[0].Keys(pattern: $"radar:{{{_keys.Epoch}.*")]);
                var projection = new PartitionProjection(Database, _keys, options);
                await projection.OpenAsync();
                return await ApplyAllAsync(projection, log, size, forgetEvery);
            }
        }

        static Gen<decimal> Amount(long digitsMax, int scaleMin, int scaleMax) =>
            from digits in Gen.Long[1, digitsMax]
            from scale in Gen.Int[scaleMin, scaleMax]
            select DecimalText.FromDigits(digits, scale);

        static string Canonical(JsonObject bar) => string.Join(
            ' ',
            from member in bar
            where member.Key is not ("v" or "vw")
            select member.Key + "=" + (member.Key == "t" ? (string?)member.Value : DecimalText.Normalize((decimal)member.Value!).ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Sums that a decimal would round: added up in one batch, the small trades show; one by one after the large one, they do not.</summary>
    [SkippableFact]
    public async Task Sums_of_large_and_tiny_trades_do_not_depend_on_the_batches()
    {
        List<AppliedTick> log =
        [
            Tick(0, 1000), .. Enumerable.Range(1, 3).Select(i => Tick(i, 1, Noon + i, 0.00000000000000000000000004m)),
            .. Enumerable.Range(4, 5).Select(i => Tick(i, 100_000_000_000_000_000_000m, Noon + i, 0.0000000001m)),
        ];
        var one = NewProjection();
        await one.OpenAsync();
        string whole = await ApplyAllAsync(one, log, log.Count);
        var (volume, notional) = Sums(Assert.Single(await BarRecordsAsync(Btc, Timeframe.Day)));
        await Database.KeyDeleteAsync([.. Redis.GetServers()[0].Keys(pattern: $"radar:{{{_keys.Epoch}.*")]);
        var many = NewProjection();
        await many.OpenAsync();

        Assert.Equal(whole, await ApplyAllAsync(many, log, 1, forgetEvery: 2));
        Assert.Equal(ReferenceFold.Exact("1.00000000050000000000000012"), volume);
        Assert.Equal(ReferenceFold.Exact("50000001000.00000000000000000000000012"), notional);
    }

    [SkippableFact]
    public async Task Previous_close_older_than_the_retention_of_days_is_gone_before_and_after_a_restart()
    {
        var projection = new PartitionProjection(Database, _keys, new ProjectionOptions { Days1Day = 2 });
        await projection.OpenAsync();
        await projection.ApplyAsync(new[] { Tick(0, 100, Noon) }, At(1));
        await projection.ApplyAsync(new[] { Tick(1, 101, Noon + (4 * 86_400_000)) }, At(2));
        var before = await Database.HashGetAsync(_keys.Days, Btc);
        await projection.OpenAsync();
        await projection.ApplyAsync(new[] { Tick(2, 101, Noon + (4 * 86_400_000)) }, At(3));

        Assert.Contains("\"previous_close\":null", (string?)before, StringComparison.Ordinal);
        Assert.Equal(before, await Database.HashGetAsync(_keys.Days, Btc));
    }

    [SkippableTheory]
    [InlineData("latest")]
    [InlineData("days")]
    public async Task State_is_not_begun_where_a_part_of_another_still_is(string left)
    {
        var owner = NewProjection();
        await owner.OpenAsync();
        await owner.ApplyAsync(new[] { Tick(0, 10) }, At(1));
        await Database.KeyDeleteAsync([_keys.Position, left == "latest" ? _keys.Days : _keys.Latest]);
        string before = await DumpAsync();
        var projection = NewProjection();
        Assert.Null(await projection.OpenAsync());

        var error = await Assert.ThrowsAsync<RedisServerException>(() => projection.WriteAsync(At(0)));

        Assert.Contains("stop the consumers, then delete the keys radar:*", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, await DumpAsync());
    }

    /// <summary>A replica may be behind: what the writer believes has to come from where it writes.</summary>
    [SkippableFact]
    public async Task Writer_reads_from_the_master_only()
    {
        IDatabase database = DispatchProxy.Create<IDatabase, FlagsOfCalls>();
        var calls = (FlagsOfCalls)(object)database;
        calls.Target = Database;
        var projection = new PartitionProjection(database, _keys, _options);
        for (int i = 0; i < 2; i++)
        {
            await projection.OpenAsync();
            await projection.ApplyAsync(new[] { Tick(i * 3, 10, Noon), Tick((i * 3) + 1, 11, Noon + 180_000), Tick((i * 3) + 2, 12, Noon - 60_000) }, At((i * 3) + 3));
        }

        Assert.Contains(nameof(IDatabase.SortedSetRangeByScoreAsync), calls.Seen.Select(call => call.Method));
        Assert.All(calls.Seen, call => Assert.True(call.Flags.HasFlag(CommandFlags.DemandMaster), call.Method));
    }

    private async Task<string> ApplyAllAsync(PartitionProjection projection, List<AppliedTick> log, int size, int forgetEvery = int.MaxValue)
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

    private async Task<List<JsonObject>> BarsAsync(string symbol, Timeframe timeframe) => (await BarRecordsAsync(symbol, timeframe)).ConvertAll(Json);

    private async Task<List<string>> BarRecordsAsync(string symbol, Timeframe timeframe)
    {
        var (_, records) = await new MarketReader(Redis).BarsAsync(_keys, symbol, timeframe, 0, long.MaxValue, false, 10_000);
        return [.. records.Select(record => record.ToString())];
    }

    private static JsonObject Json(string record) => JsonNode.Parse(record.Split('\n')[0])!.AsObject();

    /// <summary>The sums of a bar × 10^28; the volume is what is served, where that is exact.</summary>
    private static (BigInteger Volume, BigInteger Notional) Sums(string record)
    {
        string[] own = RecordText.WithoutChecksum(record).Split('\n')[1].Split(' ');
        return (ReferenceFold.Exact(own.Length > 6 ? own[6] : Json(record)["v"]!.ToJsonString()), ReferenceFold.Exact(own[5]));
    }

    private Task<string> DumpAsync() => RedisDump.OfAsync(Redis, $"radar:{{{_keys.Epoch}.*");

    public class FlagsOfCalls : DispatchProxy
    {
        internal IDatabase Target { get; set; } = null!;

        internal List<(string Method, CommandFlags Flags)> Seen { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Seen.Add((targetMethod!.Name, args!.OfType<CommandFlags>().Single()));
            return targetMethod.Invoke(Target, args);
        }
    }
}
