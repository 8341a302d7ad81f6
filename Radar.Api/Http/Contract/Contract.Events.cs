using System.Collections.Immutable;
using System.ComponentModel;

namespace Radar.Api.Http.Contract;

// Data of the stream's events that REST does not have; see Contract.cs. That of a ticker and of a trade is a TickerItem.

[Description("Data of a snapshot: where a stream begins.")]
internal sealed record SnapshotData(
    [property: Description("The newest trade of each symbol that was asked for, in ordinal order.")] ImmutableArray<TickerItem> Tickers);

[Description("Data of an unknown: symbols that were asked for and have no trade so far.")]
internal sealed record UnknownData(
    [property: Description("Their names, in ordinal order.")] ImmutableArray<string> Symbols);

[Description("Data of a bar, or of an updated_bar: a bar, closed on the left, open on the right, in UTC.")]
internal sealed record BarData(
    [property: Description("Symbol, upper case.")] string Symbol,
    [property: Description("Length of the bar: 1Min, 5Min, 15Min, 1Hour or 1Day.")] string Timeframe,
    [property: Description("Open time.")] DateTimeOffset T,
    [property: Description("First price by event time.")] decimal O,
    [property: Description("Highest price.")] decimal H,
    [property: Description("Lowest price.")] decimal L,
    [property: Description("Last price by event time.")] decimal C,
    [property: Description("Sum of the sizes.")] decimal V,
    [property: Description("Number of trades.")] long N,
    [property: Description("Price weighted by size; null where all sizes are 0.")] decimal? Vw);

[Description("Data of a heartbeat: the stream is alive, and this fresh.")]
internal sealed record HeartbeatData(
    [property: Description("When it was sent.")] DateTimeOffset T,
    [property: Description("How far the state is behind the topic, in ms, of all partitions the worst; null where that is unknown.")]
    long? LagMs,
    [property: Description("The lag is unknown, or larger than the service is set up to accept, or changes may be missing.")] bool Stale,
    [property: Description("Time until the next heartbeat, in ms: a client that hears nothing for longer has no current state.")]
    int IntervalMs,
    [property: Description("By partition: Kafka timestamp of the newest record that the state has; null where it has none.")]
    ImmutableArray<DateTimeOffset?> RecordTimes,
    [property: Description("As in an answer's meta, of all partitions; absent where the state lacks nothing.")]
    ImmutableArray<IncompleteItem>? Incomplete = null);

[Description("Data of a reset: what the client knows is void, and a snapshot follows at once.")]
internal sealed record ResetData(
    [property: Description("Why.")] string Reason);

[Description("Data of a shutdown: a planned stop.")]
internal sealed record ShutdownData(
    [property: Description("How long to wait before connecting again, in ms.")] int RetryMs);

/// <summary>What the stream's events carry, beside items that REST has too.</summary>
internal static class StreamEventData
{
    public static readonly Type[] All =
    [
        typeof(SnapshotData), typeof(UnknownData), typeof(BarData), typeof(HeartbeatData), typeof(ResetData), typeof(ShutdownData),
    ];
}
