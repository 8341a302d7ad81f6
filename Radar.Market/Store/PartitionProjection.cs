using System.Runtime.InteropServices;
using Radar.Market.Projection;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>
/// The projection of one partition: symbols are cached in memory, Redis has the state. Used by one caller at a time. After an exception or
/// a fenced write the cache is invalid: call <see cref="OpenAsync"/> again.
/// </summary>
public sealed class PartitionProjection
{
    private readonly PartitionStore _store;
    private readonly long[] _retentionMs;
    private readonly int _symbolsMax;
    private readonly StoredSymbols _stored;
    private readonly SymbolLimit _limit = new();
    private readonly Dictionary<string, SymbolState> _symbols = new(StringComparer.Ordinal);
    private readonly List<AppliedTick> _batch = [];
    private readonly List<SymbolState> _changed = [];
    private readonly List<SymbolState> _unknown = [];
    private readonly HashSet<(SymbolState, Timeframe, long)> _needed = [];
    private (int Late, int TooLate)? _folded;

    /// <summary>A projection that writes the keys of one epoch and partition.</summary>
    public PartitionProjection(IDatabase redis, RedisKeys keys, ProjectionOptions options, TimeProvider? time = null)
    {
        _store = new PartitionStore(redis, keys, options.TradesRetained, time ?? TimeProvider.System);
        _retentionMs = options.RetentionMs();
        _symbolsMax = options.SymbolsMax;
        _stored = new StoredSymbols(redis, keys);
        Settings = options.ToString();
        Keys = keys;
    }

    /// <summary>
    /// What is stored as <see cref="PartitionPosition.Settings"/>: everything on which the result depends beside the log.
    /// </summary>
    public string Settings { get; init; }

    /// <summary>The keys of the partition.</summary>
    public RedisKeys Keys { get; }

    /// <summary>All keys of the state, as Redis's <c>SCAN</c> asks for them.</summary>
    public string KeyPattern => Keys.Pattern;

    /// <summary>How long any bar is kept, ms of event time.</summary>
    public long LongestRetentionMs => _retentionMs.Max();

    /// <summary>The position that memory and Redis agree on; null where nothing is stored.</summary>
    public PartitionPosition? Position { get; private set; }

    /// <summary>Symbols of the ticks that were added since the last write.</summary>
    public int PendingSymbols => _changed.Count;

    /// <summary>
    /// Limits the symbols to this partition's share of <see cref="ProjectionOptions.SymbolsMax"/>; without a call there is no limit.
    /// </summary>
    /// <param name="partitions">Of the topic.</param>
    public void LimitSymbols(int partitions) => _limit.Max = ((long)_symbolsMax + partitions - 1) / partitions;

    /// <summary>Forgets everything and reads the position again. Symbols follow when they are touched.</summary>
    /// <returns>The stored position; null where nothing is stored.</returns>
    public async Task<PartitionPosition?> OpenAsync()
    {
        _symbols.Clear();
        _limit.Forget();
        Clear();
        Position = null;
        Position = await _store.ReadPositionAsync();
        return Position;
    }

    /// <summary>
    /// The stored position as it is now, which is <see cref="Position"/> unless another consumer wrote or Redis has lost it.
    /// </summary>
    public Task<PartitionPosition?> ReadStoredAsync() => _store.ReadPositionAsync();

    /// <summary>The position of the epoch's first partition; null where nothing is stored.</summary>
    public Task<PartitionPosition?> ReadFirstPartitionAsync() => _store.ReadFirstPartitionAsync();

    /// <summary>Names this epoch as the one that is served, where Redis names none.</summary>
    public Task NameEpochAsync() => _store.NameEpochAsync();

    /// <summary>Whether a key is one of this partition's.</summary>
    public bool Has(RedisKey key) => RedisKeys.TryParse(key) is var (keys, _) && keys == Keys;

    /// <summary>Stores the integrity marks of <see cref="Position"/>, which stays; "" removes them.</summary>
    /// <returns>False where another position is stored.</returns>
    /// <exception cref="RedisException">Redis failed.</exception>
    public async Task<bool> MarkAsync(string marks)
    {
        var position = Position!.Value;
        if (!await _store.WriteMarksAsync(position, marks))
            return false;
        Position = position with { Incomplete = marks.Length == 0 ? null : marks };
        return true;
    }

    /// <summary>Deletes the state of the partition, and stores where it restarts. <see cref="OpenAsync"/> is next.</summary>
    /// <param name="begin">The first offset to apply.</param>
    /// <returns>False where another position than <see cref="Position"/> is stored.</returns>
    /// <exception cref="RedisException">Redis failed; it has to be done again.</exception>
    public Task<bool> RestartAsync(PartitionPosition begin) =>
        _store.RestartAsync(Position!.Value, begin with { Settings = Settings }, [.. _symbols.Keys]);

    /// <summary>Adds a tick to the batch that <see cref="WriteAsync"/> writes, whatever the limit of symbols.</summary>
    /// <param name="tick">A tick of this partition; its offset is larger than any before and not below <see cref="Position"/>.</param>
    public void Add(in AppliedTick tick) => Add(tick, limited: false);

    /// <summary>Adds a tick to the batch, unless there are too many symbols.</summary>
    /// <param name="tick">As for <see cref="Add(in AppliedTick)"/>.</param>
    /// <returns>Where it is not <see cref="SymbolAdmission.Admitted"/>, nothing is added.</returns>
    public SymbolAdmission TryAdd(in AppliedTick tick) => Add(tick, limited: true);

    /// <summary>Reads what <see cref="TryAdd"/> needs to know after <see cref="SymbolAdmission.Unknown"/>.</summary>
    public async Task ReadSymbolLimitAsync()
    {
        if (_limit.NeedsCount)
            _limit.SetCount(await _stored.CountAsync(), _symbols.Count);
        if (_limit.NeedsNames)
            _limit.SetNames(await _stored.NamesAsync(), _symbols.Keys);
    }

    private SymbolAdmission Add(in AppliedTick tick, bool limited)
    {
        ref SymbolState? state = ref CollectionsMarshal.GetValueRefOrAddDefault(_symbols, tick.Tick.Symbol, out bool known);
        if (!known)
        {
            if (limited && _limit.Admit(tick.Tick.Symbol) is not SymbolAdmission.Admitted and var other)
            {
                _symbols.Remove(tick.Tick.Symbol);
                return other;
            }

            state = new SymbolState(tick.Tick.Symbol, _retentionMs);
            _unknown.Add(state);
        }

        if (state!.Trades.Count == 0)
            _changed.Add(state);
        state.Trades.Add(_batch.Count);
        _batch.Add(tick);
        return SymbolAdmission.Admitted;
    }

    /// <summary>
    /// Folds the batch in, in memory alone. <see cref="WriteAsync"/> does it where it was not done before; no tick may be added between.
    /// </summary>
    /// <exception cref="FormatException">What Redis holds cannot be read.</exception>
    /// <exception cref="RedisException">Redis failed.</exception>
    public async ValueTask FoldAsync()
    {
        if (_folded is not null)
            return;
        if (_unknown.Count > 0 && Position is not null)
            await LoadedAsync(_store.LoadAsync(_unknown));
        CollectBarsToLoad();
        if (_needed.Count > 0)
            await LoadedAsync(_store.LoadAsync(_needed));
        _folded = Apply();
    }

    /// <summary>
    /// Folds the batch in and writes the result with its position: all of it, or, where another consumer wrote meanwhile, nothing.
    /// </summary>
    /// <param name="next">
    /// The position after the batch. With an empty batch the position moves alone. Its settings are the projection's own, and its integrity
    /// marks those of the position before, unless it has others; "" removes them.
    /// </param>
    /// <param name="sending">Called when the batch is folded and goes to Redis; null calls nothing.</param>
    /// <exception cref="FormatException">What Redis holds cannot be read.</exception>
    /// <exception cref="RedisException">Redis failed; whether the batch was written is unknown.</exception>
    public async Task<BatchResult> WriteAsync(PartitionPosition next, Action? sending = null)
    {
        // The stored identity may know less than ours (a broker without topic ids); the fence compares what is stored.
        next = next with
        {
            Identity = Position?.Identity ?? next.Identity,
            Settings = Settings,
            Incomplete = (next.Incomplete ?? Position?.Incomplete) is { Length: > 0 } marks ? marks : null,
        };

        await FoldAsync();
        var (late, tooLate) = _folded!.Value;
        if (await _store.ApplyAsync(Position, next, _changed, _batch, sending) is { } fenced)
            return new BatchResult(false, tooLate, fenced.Position, late, _store.LastScript);

        foreach (SymbolState symbol in _changed)
            symbol.Written();
        Clear();
        Position = next;
        return new BatchResult(true, tooLate, null, late, _store.LastScript);
    }

    /// <summary>An unreadable value in Redis is not attributed to the records that touch it.</summary>
    private static async Task LoadedAsync(Task load)
    {
        try
        {
            await load;
        }
        catch (Exception e) when (
            !StoreFaults.IsAway(e) && e is not (FormatException or OperationCanceledException or OutOfMemoryException))
        {
            throw new FormatException($"a stored value cannot be read ({e.GetType().Name}: {e.Message})", e);
        }
    }

    private void CollectBarsToLoad()
    {
        _needed.Clear();
        var batch = CollectionsMarshal.AsSpan(_batch);
        foreach (SymbolState state in _changed)
        {
            foreach (int i in state.Trades)
                state.CollectBarsToLoad(batch[i].Tick.TimestampMs, _needed);
        }
    }

    private (int Late, int TooLate) Apply()
    {
        int late = 0, tooLate = 0;
        var batch = CollectionsMarshal.AsSpan(_batch);
        foreach (SymbolState state in _changed)
        {
            foreach (int i in state.Trades)
            {
                ref readonly AppliedTick applied = ref batch[i];
                late += state.IsLate(applied.Tick) ? 1 : 0;
                tooLate += state.Apply(applied.Tick, applied.Offset, applied.TraceParent) > 0 ? 1 : 0;
            }

            state.Fold();
        }

        return (late, tooLate);
    }

    private void Clear()
    {
        _batch.Clear();
        _changed.Clear();
        _unknown.Clear();
        _folded = null;
    }
}

/// <summary>What became of a batch.</summary>
/// <param name="Applied">It is in Redis. Otherwise another consumer wrote first, and nothing of it is.</param>
/// <param name="TooLate">Ticks that came too late for at least one timeframe.</param>
/// <param name="StoredPosition">Where the state stands instead, if fenced off: an offset, or <c>none</c>.</param>
/// <param name="Late">Ticks of a minute before the newest of their symbol, those that came too late included.</param>
/// <param name="Script">How long Redis took to apply the batch.</param>
public readonly record struct BatchResult(bool Applied, int TooLate, string? StoredPosition, int Late = 0, TimeSpan Script = default);
