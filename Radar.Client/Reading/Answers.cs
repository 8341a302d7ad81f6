using System.Text.Json.Serialization;

namespace Radar.Client;

/// <summary>Which state an answer was made from, and how fresh that is.</summary>
/// <param name="Version">
/// Names the state. That of a list of several symbols can be the <c>since</c> of <see cref="RadarClient.StreamAsync"/>, which then goes
/// on exactly behind the list.
/// </param>
/// <param name="EventTime">Event time of the newest event that is served; null where there is none.</param>
/// <param name="Age">Time since then, when the API answered; below 0 where the source's clock runs ahead.</param>
/// <param name="Lag">How far the state is behind the topic, of several partitions the worst; null where that is unknown.</param>
/// <param name="Stale">The lag is unknown, or larger than the API is set up to accept.</param>
/// <param name="Trace">
/// Trace id, 32 hex digits, of the event that <paramref name="EventTime"/> is of: its way through Radar, where traces are collected. Null
/// where that event was not sampled, and in lists of several symbols.
/// </param>
/// <param name="Incomplete">
/// In what the state may differ from all records of the topic, of every partition that the answer is from; null where in nothing.
/// </param>
public sealed record Meta(
    string Version,
    DateTimeOffset? EventTime,
    [property: JsonPropertyName("age_ms"), JsonConverter(typeof(MillisecondsConverter))] TimeSpan? Age,
    [property: JsonPropertyName("lag_ms"), JsonConverter(typeof(MillisecondsConverter))] TimeSpan? Lag,
    bool Stale,
    string? Trace = null,
    IReadOnlyList<IncompletePart>? Incomplete = null);

/// <summary>Records that the state of a partition may lack.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="Reason">
/// <c>retention</c>: they were deleted before they were applied; <c>log_start</c>: the topic no longer had them when the state was begun;
/// <c>compaction</c>: the topic is compacted; <c>truncation</c>: Kafka lost the end of the partition, and the state has records that are
/// gone; <c>damage</c>: what Redis holds is not what was written. More may come.
/// </param>
/// <param name="Since">When it was found.</param>
/// <param name="Detail">What happened, and what to do, for people.</param>
/// <param name="From">First offset that is missing; null where that is unknown.</param>
/// <param name="To">The offset after the last missing one; null where that is unknown.</param>
/// <param name="Start">Kafka timestamp from which on they are missing; null where that is the beginning of the topic.</param>
/// <param name="End">Kafka timestamp until which they are missing; null where more may follow.</param>
public sealed record IncompletePart(
    int Partition,
    string Reason,
    DateTimeOffset Since,
    string Detail,
    long? From = null,
    long? To = null,
    DateTimeOffset? Start = null,
    DateTimeOffset? End = null);

/// <summary>A page of the symbols there are.</summary>
/// <param name="Symbols">In ordinal order.</param>
/// <param name="NextPageToken">For the next page; null at the end.</param>
/// <param name="Meta">Which state the answer was made from.</param>
public sealed record SymbolsPage(IReadOnlyList<string> Symbols, string? NextPageToken, Meta Meta);

/// <summary>A page of the newest trades of symbols.</summary>
/// <param name="Tickers">In ordinal order of the symbols; unknown ones are left out.</param>
/// <param name="NextPageToken">For the next page; null at the end.</param>
/// <param name="Meta">Which state the answer was made from.</param>
public sealed record TickersPage(IReadOnlyList<Ticker> Tickers, string? NextPageToken, Meta Meta);

/// <summary>A page of a symbol's retained trades.</summary>
/// <param name="Symbol">Upper case.</param>
/// <param name="Trades">In the order they have in the topic, or newest first if so asked.</param>
/// <param name="NextPageToken">For the next page; null at the end.</param>
/// <param name="Meta">Which state the answer was made from.</param>
public sealed record TradesPage(string Symbol, IReadOnlyList<Trade> Trades, string? NextPageToken, Meta Meta);

/// <summary>A page of a symbol's bars.</summary>
/// <param name="Symbol">Upper case.</param>
/// <param name="Bars">By open time, or newest first if so asked.</param>
/// <param name="NextPageToken">For the next page; null at the end.</param>
/// <param name="Meta">Which state the answer was made from.</param>
public sealed record BarsPage(string Symbol, IReadOnlyList<Bar> Bars, string? NextPageToken, Meta Meta);

/// <summary>Symbols at a glance.</summary>
/// <param name="Snapshots">In ordinal order of the symbols; unknown ones are left out.</param>
/// <param name="Meta">Which state the answer was made from.</param>
public sealed record SnapshotsAnswer(IReadOnlyList<Snapshot> Snapshots, Meta Meta);

/// <summary>A symbol at a glance.</summary>
/// <param name="Symbol">Upper case.</param>
/// <param name="LatestTrade">Its newest trade.</param>
/// <param name="MinuteBar">The minute of that trade.</param>
/// <param name="DailyBar">The day of that trade.</param>
/// <param name="PreviousDailyBar">The newest day with trades before that one; null where there is none.</param>
public sealed record Snapshot(string Symbol, Trade LatestTrade, Bar MinuteBar, Bar DailyBar, Bar? PreviousDailyBar);

/// <summary>What moved most since the close of the day before. Symbols without such a close are in neither list.</summary>
/// <param name="Gainers">Risen, the furthest first.</param>
/// <param name="Losers">Fallen, the furthest first.</param>
/// <param name="Meta">Which state the answer was made from.</param>
public sealed record MoversAnswer(IReadOnlyList<Mover> Gainers, IReadOnlyList<Mover> Losers, Meta Meta);

/// <summary>How far a symbol moved.</summary>
/// <param name="Symbol">Upper case.</param>
/// <param name="Time">Event time of its newest trade, UTC.</param>
/// <param name="Price">Price of that trade.</param>
/// <param name="PreviousClose">Close of the newest day with trades before that of the trade; null on the first day.</param>
/// <param name="Since">From what the change counts.</param>
/// <param name="Change">Price less the previous close, or less the open.</param>
/// <param name="ChangePercent">The same in percent, to four decimals.</param>
public sealed record Mover(
    string Symbol,
    [property: JsonPropertyName("t")] DateTimeOffset Time,
    [property: JsonPropertyName("p")] decimal Price,
    decimal? PreviousClose,
    ChangeSince Since,
    decimal Change,
    decimal ChangePercent);

/// <summary>From what a day's change counts.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChangeSince>))]
public enum ChangeSince
{
    /// <summary>The close of the newest day with trades before.</summary>
    [JsonStringEnumMemberName("previous_close")]
    PreviousClose,

    /// <summary>The day's open: it is the symbol's first day.</summary>
    [JsonStringEnumMemberName("open")]
    Open,
}

/// <summary>How far the state is behind the topic, measured when asked.</summary>
/// <param name="Messages">Records of the topic that the state does not have.</param>
/// <param name="Time">Age of the oldest missing record, by its Kafka timestamp; zero where nothing is missing.</param>
/// <param name="Partitions">Every partition of the topic.</param>
public sealed record Lag(
    long Messages,
    [property: JsonPropertyName("seconds"), JsonConverter(typeof(SecondsConverter))] TimeSpan Time,
    IReadOnlyList<PartitionLag> Partitions);

/// <summary>Records that were refused on their way into the state.</summary>
/// <param name="Topic">The dead-letter topic.</param>
/// <param name="Messages">Records that it holds; markers of transactions count too.</param>
/// <param name="Counted">Of how many, the newest, <paramref name="Reasons"/> are.</param>
/// <param name="CountedSince">Kafka timestamp of the oldest of those; null where there is none.</param>
/// <param name="Reasons">How many each reason has, the most first.</param>
/// <param name="DeadLetters">The newest first.</param>
/// <param name="NextPageToken">For the next page; null at the end.</param>
public sealed record DeadLettersPage(
    string Topic, long Messages, long Counted, DateTimeOffset? CountedSince, IReadOnlyList<ReasonCount> Reasons,
    IReadOnlyList<DeadLetter> DeadLetters, string? NextPageToken);

/// <summary>How many records were refused for one reason.</summary>
/// <param name="Reason">Why they were refused.</param>
/// <param name="Count">How many.</param>
public sealed record ReasonCount(string Reason, long Count);

/// <summary>A record that was refused; what keys and values hold is what somebody sent.</summary>
/// <param name="Time">When it was refused.</param>
/// <param name="Partition">Partition of the dead letter.</param>
/// <param name="Offset">Offset of the dead letter.</param>
/// <param name="Reason">Why it was refused.</param>
/// <param name="Source">The refused record; null where the dead letter does not name it.</param>
/// <param name="LeftOut">What the dead letter lacks of the record, since Kafka found the whole too large; null where nothing.</param>
/// <param name="Key">Key of the record, of a long one the first 256 bytes; null where it has none.</param>
/// <param name="Value">Value of the record as text, of a long one the first 1,024 bytes; null where it has none.</param>
/// <param name="ValueBytes">Length of the whole value in bytes.</param>
public sealed record DeadLetter(
    [property: JsonPropertyName("t")] DateTimeOffset Time, int Partition, long Offset, string Reason, RecordCoordinates? Source,
    string? LeftOut, string? Key, string? Value, int ValueBytes);

/// <summary>Where a record is in Kafka.</summary>
/// <param name="Topic">Topic.</param>
/// <param name="Partition">Partition.</param>
/// <param name="Offset">Offset.</param>
public sealed record RecordCoordinates(string Topic, int Partition, long Offset);

/// <summary>How far the state of one partition is behind.</summary>
/// <param name="Partition">Number.</param>
/// <param name="Position">Kafka offset of the next record to apply; everything before it is in the state.</param>
/// <param name="End">The high watermark: the offset after the partition's last acknowledged record.</param>
/// <param name="Messages">Records that are missing.</param>
/// <param name="Time">Age of the oldest of them; zero where nothing is missing.</param>
/// <param name="HeldBack">Those of them that cannot be read yet, since a producer's transaction is open.</param>
public sealed record PartitionLag(
    int Partition,
    long Position,
    long End,
    long Messages,
    [property: JsonPropertyName("seconds"), JsonConverter(typeof(SecondsConverter))] TimeSpan Time,
    long HeldBack = 0);
