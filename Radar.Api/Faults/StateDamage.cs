using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Faults;

/// <summary>
/// What reads found damaged in Redis, until it is mended: a read of it is tried again whenever health is asked for. Any thread.
/// </summary>
internal sealed class StateDamage
{
    /// <summary>Keys that are remembered; what is found beyond that is found again.</summary>
    private const int KeysMax = 100;

    /// <summary>Keys that are read again at once.</summary>
    private const int ReadsMax = 5;

    private readonly MarketReader _reader;
    private readonly Counter<long> _damaged;
    private readonly ConcurrentDictionary<string, DamagedStateException> _found = new(StringComparer.Ordinal);

    public StateDamage(MarketReader reader, IMeterFactory meters)
    {
        _reader = reader;
        _damaged = meters.Create(TelemetryNames.Api).CreateCounter<long>(
            "radar.state.damaged", "{read}", "Reads that were refused since what Redis holds is not what was written.");
    }

    /// <summary>The first of the keys that are damaged, and how many there are; null where none is known.</summary>
    public (DamagedStateException First, int Keys)? Now
    {
        get
        {
            var found = _found.ToArray();
            return found.Length == 0 ? null : (found.MinBy(entry => entry.Key, StringComparer.Ordinal).Value, found.Length);
        }
    }

    /// <summary>A read was refused.</summary>
    /// <returns>False where the key was known.</returns>
    public bool Found(DamagedStateException e)
    {
        if (_damaged.Enabled)
            _damaged.Add(1, new KeyValuePair<string, object?>(TelemetryNames.Reason, PartOf(e.Key)));
        return Add(e);
    }

    /// <summary>Reads again, and forgets what is mended.</summary>
    /// <param name="found">Gets another key that was not known.</param>
    /// <exception cref="TimeoutException">Redis does not answer; or another of <see cref="StoreFaults"/>.</exception>
    public async Task RecheckAsync(Action<DamagedStateException> found)
    {
        foreach (string key in _found.Keys.Take(ReadsMax))
        {
            try
            {
                await _reader.CheckAsync(key);
                _found.TryRemove(key, out _);
            }
            catch (DamagedStateException e)
            {
                if (e.Key != key)
                    _found.TryRemove(key, out _);
                if (Add(e))
                    found(e);
            }
        }
    }

    private bool Add(DamagedStateException e)
    {
        if (_found.TryGetValue(e.Key, out var known))
            return _found.TryUpdate(e.Key, e, known) && known.Message != e.Message;
        return _found.Count < KeysMax && _found.TryAdd(e.Key, e);
    }

    /// <summary>A bounded name.</summary>
    private static string PartOf(string key) => key.Split(':') switch
    {
        [_, "epoch"] => "epoch",
        [_, _, "position"] => "position",
        [_, _, "latest"] => "latest",
        [_, _, "days"] => "days",
        [_, _, "trades", ..] => "trades",
        [_, _, "bars", ..] => "bars",
        _ => "other",
    };
}
