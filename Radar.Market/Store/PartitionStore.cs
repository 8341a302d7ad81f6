using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Radar.Market.Projection;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>
/// One partition's state in Redis, for its writer. Every write is a compare-and-set on the position: see <c>apply.lua</c>.
/// </summary>
internal sealed partial class PartitionStore(IDatabase redis, RedisKeys keys, int tradesRetained, TimeProvider time)
{
    private static readonly string Script = StoreScript.Read("apply.lua");
    private static readonly string Probe = StoreScript.Read("probe.lua");
    private static readonly byte[] ScriptHash = HashOf(Script);

    /// <summary>A replica may be behind, and what the writer believes has to come from where it writes: no master, no answer.</summary>
    private const CommandFlags OnMaster = CommandFlags.DemandMaster;

    /// <summary>Bars of a timeframe that a symbol begins with.</summary>
    private const int NewestBars = 2;

    private ChangeWriter? _writer;
    private bool _hasRights;

    /// <summary>How long Redis took to answer the last <see cref="ApplyAsync"/>.</summary>
    public TimeSpan LastScript { get; private set; }

    /// <summary>The stored position; null where nothing is stored.</summary>
    public Task<PartitionPosition?> ReadPositionAsync() => ReadPositionAsync(keys);

    /// <summary>The stored position of the epoch's first partition; null where nothing is stored.</summary>
    public Task<PartitionPosition?> ReadFirstPartitionAsync() => ReadPositionAsync(keys with { Partition = 0 });

    /// <summary>Names this epoch as the one that is served, where Redis names none.</summary>
    public Task NameEpochAsync() =>
        redis.StringSetAsync(RedisKeys.ActiveEpochOf(keys.Name), keys.Epoch, when: When.NotExists, flags: OnMaster);

    /// <summary>Gives each of <paramref name="symbols"/> its latest trade and its two newest bars of every timeframe.</summary>
    /// <exception cref="DamagedStateException">What is stored is not what was written.</exception>
    public async Task LoadAsync(IReadOnlyList<SymbolState> symbols)
    {
        var latest = await ReadAsync(
            keys.Latest, redis.HashGetAsync(keys.Latest, [.. symbols.Select(symbol => (RedisValue)symbol.Symbol)], OnMaster));
        var bars = new List<(SymbolState State, BarWindow Window, Task<RedisValue[]> Newest)>();
        for (int i = 0; i < symbols.Count; i++)
        {
            if (latest[i].IsNull)
                continue; // new, unless the script finds other parts of it
            StateChecks.Latest(keys, symbols[i].Symbol, latest[i]);
            var (timestampMs, offset, price, traceParent) = StoredRecord.Latest(((ReadOnlyMemory<byte>)latest[i]).Span);
            symbols[i].Load(new LatestTrade(new Tick(symbols[i].Symbol, price, timestampMs), offset, traceParent));
            foreach (BarWindow window in symbols[i].Windows)
            {
                RedisKey key = keys.Bars(window.Timeframe, symbols[i].Symbol);
                bars.Add((symbols[i], window, redis.SortedSetRangeByRankAsync(key, 0, NewestBars - 1, Order.Descending, OnMaster)));
            }
        }

        foreach (var (state, window, newest) in bars)
        {
            RedisValue[] read = await ReadAsync(keys.Bars(window.Timeframe, state.Symbol), newest);
            StateChecks.NewestBars(keys, window.Timeframe, state.Symbol, counts: null, read, NewestBars);
            foreach (RedisValue bar in read)
                window.Load(StoredRecord.ReadBar(((ReadOnlyMemory<byte>)bar).Span));
        }
    }

    /// <summary>Gives the symbols single older bars, where they are stored.</summary>
    public async Task LoadAsync(IReadOnlyCollection<(SymbolState State, Timeframe Timeframe, long OpenTime)> bars)
    {
        var reads = bars
            .Select(bar => (bar.State, bar.Timeframe,
                Read: redis.SortedSetRangeByScoreAsync(
                    keys.Bars(bar.Timeframe, bar.State.Symbol), bar.OpenTime, bar.OpenTime, flags: OnMaster)))
            .ToList();
        foreach (var (state, timeframe, read) in reads)
        {
            RedisValue[] older = await ReadAsync(keys.Bars(timeframe, state.Symbol), read);
            StateChecks.Bars(keys, timeframe, state.Symbol, older);
            foreach (RedisValue bar in older)
                state.Windows[timeframe.Index].Load(StoredRecord.ReadBar(((ReadOnlyMemory<byte>)bar).Span));
        }
    }

    /// <summary>Writes a change, if the stored position is <paramref name="expected"/>; otherwise nothing.</summary>
    /// <param name="expected">Stored position, or null where nothing is stored.</param>
    /// <param name="next">Position reached.</param>
    /// <param name="symbols">Changed symbols, folded.</param>
    /// <param name="batch">The records that <see cref="SymbolState.Trades"/> points into.</param>
    /// <param name="sending">Called when the change goes to Redis; null calls nothing.</param>
    /// <returns>Null where it is written; what is stored instead where it is not.</returns>
    /// <exception cref="RedisException">Redis is away, out of memory, or holds keys of another type. Whether the change was written is
    /// unknown.</exception>
    /// <exception cref="DamagedStateException">The stored parts of a symbol do not agree. Nothing is written.</exception>
    /// <exception cref="RedisRightsException">The user lacks a right. Nothing is written.</exception>
    public async Task<Fenced?> ApplyAsync(
        PartitionPosition? expected, PartitionPosition next, IReadOnlyList<SymbolState> symbols, List<AppliedTick> batch,
        Action? sending = null)
    {
        ChangeWriter writer = _writer ?? new ChangeWriter();
        _writer = null;
        writer.Write(expected?.Offset, next, symbols, CollectionsMarshal.AsSpan(batch), tradesRetained);
        if (!_hasRights)
            await CheckRightsAsync();
        _hasRights = false; // until the script has done all of it
        sending?.Invoke();
        long began = time.GetTimestamp();
        RedisResult[] answer = (RedisResult[])(await EvaluateAsync(KeysOf(symbols), [keys.Changes, tradesRetained, writer.Written]))!;
        LastScript = time.GetElapsedTime(began);
        _hasRights = true;

        // Only now is the buffer free; after an exception it may still wait in the client's queue.
        _writer = writer;
        return (int)answer[0] == 1 ? null : new Fenced((string)answer[1]!, (string)answer[2]!);
    }

    private async Task<PartitionPosition?> ReadPositionAsync(RedisKeys of) => PartitionPosition.Parse(
        of.Position, await ReadAsync(of.Position, redis.HashGetAsync(of.Position, PartitionPosition.Fields, OnMaster)));

    /// <summary>A key of another type is damage, as any other value that Radar does not write.</summary>
    private static async Task<T> ReadAsync<T>(RedisKey key, Task<T> read)
    {
        try
        {
            return await read;
        }
        catch (RedisServerException e) when (DamagedStateException.IsAnotherType(e))
        {
            throw DamagedStateException.AnotherType(key);
        }
    }

    /// <summary>A right that is missing would make the script fail after its first writes, and scripts do not roll back.</summary>
    private async Task CheckRightsAsync()
    {
        string channel = keys.Probe + ":changes";
        var refused = (string[]?)await redis.ExecuteAsync("EVAL", [Probe, 1, (RedisKey)keys.Probe, channel, keys.Changes], OnMaster);
        if (refused is not [var command, var words, ..])
            return;
        bool isChannel = command == "PUBLISH";
        string where = isChannel ? $"on the channel {keys.Changes}" : $"keys such as {keys.Latest}";
        throw new RedisRightsException(new Explanation(
            $"This user may not {command} {(isChannel ? "on the channels" : "keys")} of the state",
            $"This user may not {command} {where} ({words})"));
    }

    private RedisKey[] KeysOf(IReadOnlyList<SymbolState> symbols)
    {
        var all = new RedisKey[3 + ((1 + Timeframe.Count) * symbols.Count)];
        (all[0], all[1], all[2]) = (keys.Position, keys.Latest, keys.Days);
        int at = 3;
        foreach (SymbolState symbol in symbols)
        {
            all[at++] = keys.Trades(symbol.Symbol);
            foreach (Timeframe timeframe in Timeframe.All)
                all[at++] = keys.Bars(timeframe, symbol.Symbol);
        }

        return all;
    }

    private async Task<RedisResult> EvaluateAsync(RedisKey[] scriptKeys, RedisValue[] values)
    {
        try
        {
            return await redis.ScriptEvaluateAsync(ScriptHash, scriptKeys, values, OnMaster);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return await redis.ScriptEvaluateAsync(Script, scriptKeys, values, OnMaster);
        }
        catch (RedisServerException e) when (e.Message.IndexOf(Damaged, StringComparison.Ordinal) is >= 0 and var at)
        {
            string[] found = e.Message[(at + Damaged.Length)..].Split(' ', 2); // the key, and what is wrong with it
            throw new DamagedStateException(found[0], found[^1]);
        }
    }

    /// <summary>What the script's error begins with where parts do not agree.</summary>
    private const string Damaged = "RADAR damaged ";

#pragma warning disable CA5350 // SHA-1 is how Redis names scripts.
    private static byte[] HashOf(string script) => SHA1.HashData(Encoding.UTF8.GetBytes(script));
#pragma warning restore CA5350
}

/// <summary>What the fence found instead of what was expected.</summary>
/// <param name="Position">Stored position, or <c>none</c>.</param>
/// <param name="Identity">Stored identity.</param>
internal sealed record Fenced(string Position, string Identity);
