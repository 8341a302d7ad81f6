using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Radar.Api.Http.Contract;

// What bodies look like. Most are never made from these types: stored bytes are copied. They are here for the API's document, and
// tests hold real answers against them.

[Description("The newest trade of a symbol, as the original Python service gave it.")]
internal sealed record CompatibleTicker(
    [property: Description("Symbol, upper case.")] string Symbol,
    [property: Description("Price of the newest trade.")] decimal Price,
    [property: Description("Event time, Unix ms.")] long Timestamp);

[Description("The newest 60 trades of a symbol, oldest first, as the original Python service gave them.")]
internal sealed record CompatibleHistory(
    [property: Description("Symbol, upper case.")] string Symbol,
    [property: Description("At most 60.")] ImmutableArray<CompatiblePoint> History);

[Description("One trade.")]
internal sealed record CompatiblePoint(
    [property: Description("Price.")] decimal P,
    [property: Description("Event time, Unix ms.")] long T);

[Description("The newest trade of a symbol.")]
internal sealed record TickerAnswer(
    [property: Description("Symbol, upper case.")] string Symbol,
    [property: Description("Event time.")] DateTimeOffset T,
    [property: Description("Price.")] decimal P,
    [property: Description("Size; 0 where the source gives none.")] decimal S,
    [property: Description("The venue's own trade identity: an integer, a text, or null.")] JsonElement? I,
    [property: Description("The aggressor's side, or null where the source does not give it.")] TradeSide? Side,
    [property: Description("Short name of the source, or null.")] string? Venue,
    MetaAnswer Meta);

[Description("Trades of a symbol.")]
internal sealed record TradesAnswer(
    [property: Description("Symbol, upper case.")] string Symbol,
    [property: Description("In the order they have in the topic.")] ImmutableArray<TradeItem> Trades,
    [property: Description("Pass it as page_token for the next page; null at the end.")] string? NextPageToken,
    MetaAnswer Meta);

[Description("A trade.")]
internal sealed record TradeItem(
    [property: Description("Event time.")] DateTimeOffset T,
    [property: Description("Price.")] decimal P,
    [property: Description("Size; 0 where the source gives none.")] decimal S,
    [property: Description("The venue's own trade identity: an integer, a text, or null.")] JsonElement? I,
    [property: Description("The aggressor's side, or null where the source does not give it.")] TradeSide? Side,
    [property: Description("Short name of the source, or null.")] string? Venue);

[JsonConverter(typeof(JsonStringEnumConverter<TradeSide>))]
[Description("Side of the order that took liquidity.")]
internal enum TradeSide
{
    [JsonStringEnumMemberName("buy")]
    Buy,

    [JsonStringEnumMemberName("sell")]
    Sell,
}

[Description("Bars of a symbol.")]
internal sealed record BarsAnswer(
    [property: Description("Symbol, upper case.")] string Symbol,
    [property: Description("By open time; a time without trades has no bar.")] ImmutableArray<BarItem> Bars,
    [property: Description("Pass it as page_token for the next page; null at the end.")] string? NextPageToken,
    MetaAnswer Meta);

[Description("A bar: closed on the left, open on the right, in UTC.")]
internal sealed record BarItem(
    [property: Description("Open time.")] DateTimeOffset T,
    [property: Description("First price by event time.")] decimal O,
    [property: Description("Highest price.")] decimal H,
    [property: Description("Lowest price.")] decimal L,
    [property: Description("Last price by event time.")] decimal C,
    [property: Description("Sum of the sizes.")] decimal V,
    [property: Description("Number of trades.")] long N,
    [property: Description("Price weighted by size; null where all sizes are 0.")] decimal? Vw);

[Description("Which state the answer was made from, and how fresh that is.")]
internal sealed record MetaAnswer(
    [property: Description(
        "Epoch and Kafka offsets of the state, of one partition or of all; also the ETag. That of all can be the stream's since.")]
    string Version,
    [property: Description(
        "Event time of the newest event that is served, of trades and bars that of the symbol's newest trade; up to as_of where that is "
            + "given. Null where there is none.")]
    DateTimeOffset? EventTime,
    [property: Description("Time since then, in ms; below 0 where the source's clock runs ahead.")] long? AgeMs,
    [property: Description(
        "Age of the oldest record that the state does not have, in ms, of several partitions the worst; null where that is unknown.")]
    long? LagMs,
    [property: Description("The lag is unknown, or larger than the service is set up to accept.")] bool Stale,
    [property: Description(
        "Trace id (W3C) of the event that event_time is of, 32 hex digits; only of single symbols, and absent where that event was not "
            + "sampled.")]
    string? Trace = null,
    [property: Description(
        "In what the state may differ from all records of the topic, of every partition that the answer is from; absent where in nothing.")]
    ImmutableArray<IncompleteItem>? Incomplete = null);

[Description("Records that the state of a partition may lack.")]
internal sealed record IncompleteItem(
    [property: Description("Number of the partition.")] int Partition,
    [property: Description(
        "retention: they were deleted before they were applied. log_start: the topic no longer had them when the state was begun. "
            + "compaction: the topic is compacted. truncation: Kafka lost the end of the partition; the state has records that are gone, "
            + "and not those that took their offsets. damage: what Redis holds is not what was written; with to, it is being "
            + "rebuilt, up to there.")]
    string Reason,
    [property: Description("First offset that is missing; absent where that is unknown.")] long? From,
    [property: Description("The offset after the last missing one; absent where that is unknown.")] long? To,
    [property: Description("Kafka timestamp from which on they are missing; absent where that is the beginning of the topic.")]
    DateTimeOffset? Start,
    [property: Description("Kafka timestamp until which they are missing; absent where more may follow.")] DateTimeOffset? End,
    [property: Description("When it was found.")] DateTimeOffset Since,
    [property: Description("What happened, and what to do.")] string Detail);

[Description("How far the state is behind the topic.")]
internal sealed record LagAnswer(
    [property: Description("Records of the topic that the state does not have.")] long Messages,
    [property: Description(
        "Age of the oldest record that the state does not have, in seconds, by its Kafka timestamp; 0 where nothing is missing.")]
    double Seconds,
    [property: Description("Every partition of the topic.")] ImmutableArray<PartitionLag> Partitions);

[Description("How far the state of one partition is behind.")]
internal sealed record PartitionLag(
    [property: Description("Number of the partition.")] int Partition,
    [property: Description("The next record to apply; everything before it is in the state.")] long Position,
    [property: Description("The partition's high watermark: the offset after its last acknowledged record.")] long End,
    [property: Description(
        "Records that are missing. All of them, where the position is past the end: that state was made from another topic.")]
    long Messages,
    [property: Description("Age of the oldest missing record, in seconds; 0 where nothing is missing.")] double Seconds,
    [property: Description("Those of the missing records that cannot be read yet, since a producer's transaction is open.")]
    long HeldBack);

[Description("Records that were refused on their way into the state.")]
internal sealed record DeadLettersAnswer(
    [property: Description("The dead-letter topic.")] string Topic,
    [property: Description(
        "Records that the topic holds; markers of transactions count too. 0 where it is not there, or Kafka does not show it to this "
            + "service.")]
    long Messages,
    [property: Description("Of how many, the newest, the reasons are.")] long Counted,
    [property: Description("Kafka timestamp of the oldest of those; null where there is none.")] DateTimeOffset? CountedSince,
    [property: Description("How many each reason has, the most first.")] ImmutableArray<ReasonCount> Reasons,
    [property: Description("The newest first.")] ImmutableArray<DeadLetterItem> DeadLetters,
    [property: Description("Pass it as page_token for the next page; null at the end.")] string? NextPageToken);

[Description("How many records were refused for one reason.")]
internal sealed record ReasonCount(
    [property: Description("Why they were refused; unknown where the dead letter does not name it.")] string Reason,
    [property: Description("How many.")] long Count);

[Description("A record that was refused.")]
internal sealed record DeadLetterItem(
    [property: Description("When it was refused: the Kafka timestamp of the dead letter.")] DateTimeOffset T,
    [property: Description("Partition of the dead letter.")] int Partition,
    [property: Description("Offset of the dead letter.")] long Offset,
    [property: Description("Why it was refused; unknown where the dead letter does not name it.")] string Reason,
    [property: Description("The refused record; null where the dead letter does not name it.")] RecordCoordinates? Source,
    [property: Description("What the dead letter lacks of the record, since Kafka found the whole too large; null where nothing.")]
    string? LeftOut,
    [property: Description("Key of the record, of a long one the first 256 bytes; null where it has none.")] string? Key,
    [property: Description("Value of the record as text, of a long one the first 1,024 bytes; null where it has none.")] string? Value,
    [property: Description("Length of the whole value in bytes.")] int ValueBytes);

[Description("Where a record is in Kafka.")]
internal sealed record RecordCoordinates(
    [property: Description("Topic.")] string Topic,
    [property: Description("Partition.")] int Partition,
    [property: Description("Offset.")] long Offset);

[Description("Opens one stream, where no header can be sent.")]
internal sealed record StreamTicket(
    [property: Description("Pass it as the stream's parameter ticket.")] string Ticket,
    [property: Description("Until when it counts.")] DateTimeOffset Expires);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, Converters = [typeof(Rfc3339Converter)])]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(LagAnswer))]
[JsonSerializable(typeof(DeadLettersAnswer))]
[JsonSerializable(typeof(StreamTicket))]
internal sealed partial class ApiJson : JsonSerializerContext;
