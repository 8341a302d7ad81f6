namespace Radar.Producer.Live;

/// <summary>The trades of one symbol that wait while trades before them are missing.</summary>
internal class HeldTrades
{
    /// <summary>Null between trades is a doubt.</summary>
    private List<LiveTrade?>? _held;

    /// <summary>Trades may be missing before the next one.</summary>
    public bool IsDoubtful { get; protected set; }

    /// <summary>Trades wait.</summary>
    public bool HasGap => _held is not null;

    /// <summary>Trades that wait, and doubts between them.</summary>
    public int Entries => _held?.Count ?? 0;

    /// <summary>Adds a trade; the first begins the gap.</summary>
    public void Hold(in LiveTrade trade) => (_held ??= []).Add(trade);

    /// <summary>Trades may be missing from here on.</summary>
    public void Doubt()
    {
        if (_held is null)
            IsDoubtful = true;
        else if (_held[^1] is not null)
            _held.Add(null);
    }

    /// <summary>A trade shows that none is missing before it.</summary>
    public void Trust() => IsDoubtful = false;

    /// <summary>Ends the gap; see <see cref="ITradeSequence.Release"/>.</summary>
    /// <param name="symbol">For the exception.</param>
    /// <param name="count">How many trades waited.</param>
    /// <exception cref="InvalidOperationException">There is no gap.</exception>
    public IEnumerable<LiveTrade> Release(string symbol, out int count)
    {
        var held = _held ?? throw new InvalidOperationException($"{symbol} has no gap.");
        (_held, IsDoubtful) = (null, false);
        count = held.Count(entry => entry is not null);
        return Again();

        IEnumerable<LiveTrade> Again()
        {
            foreach (var entry in held)
            {
                if (entry is { } trade)
                    yield return trade;
                else
                    Doubt();
            }
        }
    }
}
