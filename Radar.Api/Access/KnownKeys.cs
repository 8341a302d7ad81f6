using System.Collections.Frozen;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;

namespace Radar.Api.Access;

/// <summary>
/// All keys in memory, so that a request, and a flood of wrong keys, asks Redis nothing. Redis is asked twice a second whether there are
/// changes; while it does not answer, what is known counts.
/// </summary>
internal sealed partial class KnownKeys(ApiKeyRecords records, SymbolRule symbols, TimeProvider time, ILogger<KnownKeys> logger)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private FrozenDictionary<string, KnownKey>? _keys;
    private long _changes = -1;
    private bool _isAway;

    /// <summary>False until the keys were read for the first time.</summary>
    public bool IsLoaded => Volatile.Read(ref _keys) is not null;

    /// <summary>The key, where one of its secrets has this <see cref="KeySecret.Hash"/> and it has not ended; otherwise null.</summary>
    public KnownKey? Find(string id, string hash) =>
        Volatile.Read(ref _keys)?.GetValueOrDefault(id) is { } known && known.Key.Has(hash) && !IsOver(known.Key) ? known : null;

    /// <summary>Reads what changed.</summary>
    public async Task RefreshAsync()
    {
        if (_changes < 0 || await records.ChangesAsync() != _changes)
            await ReadAsync();
        foreach (KnownKey over in _keys!.Values.Where(known => IsOver(known.Key)))
            over.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RefreshAsync();
                if (_isAway)
                    Back();
                _isAway = false;
            }
            catch (Exception e) when (StoreFaults.IsAway(e))
            {
                if (!_isAway)
                    Away(RedisFault.Of(e).Detailed);
                _isAway = true;
            }
            catch (Exception e)
            {
                Failed(e); // keys are as they were; the next round may do better
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync()
    {
        var (changes, read) = await records.ReadAsync();
        var before = _keys;
        var keys = new Dictionary<string, KnownKey>(StringComparer.Ordinal);
        foreach (var (id, record) in read)
        {
            if (before?.GetValueOrDefault(id) is { } same && same.Record == record)
                keys[id] = same;
            else if (ApiKey.TryParse(record) is { } key && key.Id == id && !key.Secrets.IsEmpty)
                keys[id] = new KnownKey(key, record, symbols);
            else
                Unreadable(id);
        }

        Volatile.Write(ref _keys, keys.ToFrozenDictionary(StringComparer.Ordinal));
        _changes = changes;
        foreach (KnownKey gone in before?.Values.Where(known => keys.GetValueOrDefault(known.Key.Id) != known) ?? [])
            gone.Dispose();
    }

    private bool IsOver(ApiKey key) => key.Expires <= time.GetUtcNow();

    [LoggerMessage(1, LogLevel.Warning, "Changes of keys are not seen now, those that are known count. Redis: {Reason}")]
    private partial void Away(string reason);

    [LoggerMessage(2, LogLevel.Information, "Redis answers: changes of keys are seen again.")]
    private partial void Back();

    [LoggerMessage(3, LogLevel.Error, "Reading the keys failed.")]
    private partial void Failed(Exception e);

    [LoggerMessage(4, LogLevel.Error, "The record of key {Id} cannot be read; the key is refused. Revoke it, or restore radar:keys.")]
    private partial void Unreadable(string id);
}

/// <summary>A key, until its record changes.</summary>
internal sealed class KnownKey : IDisposable
{
    private readonly CancellationTokenSource _ended = new();

    /// <param name="key">Its record.</param>
    /// <param name="record">The same as it is kept.</param>
    /// <param name="rule">How symbols are read.</param>
    public KnownKey(ApiKey key, string record, SymbolRule rule)
    {
        (Key, Record, Ended) = (key, record, _ended.Token);
        Symbols = key.Symbols is { } symbols ? SymbolPatterns.TryParse(symbols, rule, out _) ?? SymbolPatterns.None : null;
    }

    public ApiKey Key { get; }

    public string Record { get; }

    public SymbolPatterns? Symbols { get; }

    /// <summary>Cancelled when the key is revoked, changed or over: streams end then.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Ends it; more than once is as good as once.</summary>
    public void Dispose()
    {
        if (Ended.IsCancellationRequested)
            return;
        _ended.Cancel();
        _ended.Dispose();
    }
}
