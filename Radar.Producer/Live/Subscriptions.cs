using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Live;

/// <summary>Subscribes one connection to its symbols, a batch at a time, and finds those that the venue refuses.</summary>
internal sealed class Subscriptions(VenueProtocol venue, IReadOnlyList<string> symbols)
{
    private readonly Queue<string[]> _batches = new(symbols.Chunk(venue.Limits.SymbolsPerMessage));
    private readonly HashSet<string> _asked = new(venue.Limits.SymbolComparer);

    /// <summary>Whether an answer is pending.</summary>
    public bool IsWaiting => _asked.Count > 0;

    /// <summary>The next message, once the one before is answered; null where there is none.</summary>
    public string? Next()
    {
        if (IsWaiting || _batches.Count == 0)
            return null;
        string[] batch = _batches.Dequeue();
        if (venue.Subscription(batch) is not { } message)
        {
            _batches.Clear();
            return null;
        }

        _asked.UnionWith(batch);
        return message;
    }

    /// <summary>The venue accepted a symbol; null is all that was asked for.</summary>
    public void Accept(string? symbol)
    {
        if (symbol is null)
            _asked.Clear();
        else
            _asked.Remove(symbol);
    }

    /// <summary>
    /// Leaves out, on this connection, the symbol that a complaint of an unknown kind names: it may pass, and must not cost the others
    /// their connection until it does. False where it names none that was asked for.
    /// </summary>
    public bool TrySetAside(Notice complaint)
    {
        string? named = Array.Find(Words(complaint.Text!), _asked.Contains);
        if (named is null || (complaint.Symbol is { } symbol && !venue.Limits.SymbolComparer.Equals(named, symbol)))
            return false;
        _asked.Remove(named);
        if (complaint.Symbol is not null || _asked.Count == 0)
            return true;

        // All that was asked for is refused with it.
        _batches.Enqueue([.. _asked]);
        _asked.Clear();
        return true;
    }

    /// <summary>
    /// The venue refused a symbol; null is one of those that were asked for. Returns the symbol once it is known; else the question is
    /// asked again in halves.
    /// </summary>
    public string? Refuse(string? symbol)
    {
        if (symbol is not null)
            return _asked.Remove(symbol) ? symbol : null;
        string[] batch = [.. _asked];
        _asked.Clear();
        if (batch.Length == 1)
            return batch[0];
        foreach (string[] half in batch.Chunk((batch.Length + 1) / 2))
            _batches.Enqueue(half);
        return null;
    }

    /// <summary>What could be symbols: no letter of theirs ends a word, and a full stop ends a sentence.</summary>
    private static string[] Words(string text) =>
        Array.ConvertAll(text.Split(' ', '"', '\'', ',', ';', '(', ')', '[', ']'), word => word.TrimEnd('.', ':'));
}
