namespace Radar.Client;

/// <summary>Which trades or bars of a symbol. Without anything: all that are kept, oldest first.</summary>
public sealed record HistoryQuery
{
    /// <summary>Earliest time, inclusive; of a bar, its open time counts.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>Latest time, inclusive; of a bar, its open time counts.</summary>
    public DateTimeOffset? End { get; init; }

    /// <summary>Turns the order round.</summary>
    public bool NewestFirst { get; init; }

    /// <summary>Most items on a page, 1 to 10000; null is 1000.</summary>
    public int? Limit { get; init; }

    /// <summary>
    /// <see cref="TradesPage.NextPageToken"/> of the page before. It belongs to its query: everything but <see cref="Limit"/> must be as
    /// it was. The <c>List…Async</c> methods begin there and turn the pages themselves.
    /// </summary>
    public string? PageToken { get; init; }

    /// <summary>
    /// Point in time to answer for: from the events up to it, with what is known now. Exact or refused, with 400 where what is kept
    /// does not reach back so far.
    /// </summary>
    public DateTimeOffset? AsOf { get; init; }

    /// <summary>Rather have a 503 than a state that is further behind the topic than this, or it is unknown how far.</summary>
    public TimeSpan? MaxStaleness { get; init; }
}
