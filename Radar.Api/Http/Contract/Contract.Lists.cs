using System.Collections.Immutable;
using System.ComponentModel;
using System.Text.Json;

namespace Radar.Api.Http.Contract;

// Bodies that have many symbols; see Contract.cs.

[Description("Which symbols there are.")]
internal sealed record SymbolsAnswer(
    [property: Description("In ordinal order.")] ImmutableArray<string> Symbols,
    [property: Description("Pass it as page_token for the next page; null at the end.")] string? NextPageToken,
    MetaAnswer Meta);

[Description("The newest trade of each symbol.")]
internal sealed record TickersAnswer(
    [property: Description("In ordinal order of the symbols.")] ImmutableArray<TickerItem> Tickers,
    [property: Description("Pass it as page_token for the next page; null at the end.")] string? NextPageToken,
    MetaAnswer Meta);

[Description("The newest trade of a symbol.")]
internal sealed record TickerItem(
    [property: Description("Symbol, upper case.")] string Symbol,
    [property: Description("Event time.")] DateTimeOffset T,
    [property: Description("Price.")] decimal P,
    [property: Description("Size; 0 where the source gives none.")] decimal S,
    [property: Description("The venue's own trade identity: an integer, a text, or null.")] JsonElement? I,
    [property: Description("The aggressor's side, or null where the source does not give it.")] TradeSide? Side,
    [property: Description("Short name of the source, or null.")] string? Venue);

[Description("Several symbols at a glance.")]
internal sealed record SnapshotsAnswer(
    [property: Description("In ordinal order of the symbols.")] ImmutableArray<SnapshotItem> Snapshots,
    MetaAnswer Meta);

[Description("A symbol at a glance.")]
internal sealed record SnapshotItem(
    [property: Description("Symbol, upper case.")] string Symbol,
    [property: Description("Its newest trade.")] TradeItem LatestTrade,
    [property: Description("The 1Min bar of that trade.")] BarItem MinuteBar,
    [property: Description("The 1Day bar of that trade.")] BarItem DailyBar,
    [property: Description("The newest 1Day bar before that one; null where there is none.")] BarItem? PreviousDailyBar);

[Description("What moved most since the close of the day before, or since the open of a symbol's first day.")]
internal sealed record MoversAnswer(
    [property: Description("Risen, the furthest first.")] ImmutableArray<MoverItem> Gainers,
    [property: Description("Fallen, the furthest first.")] ImmutableArray<MoverItem> Losers,
    MetaAnswer Meta);

[Description("How far a symbol moved.")]
internal sealed record MoverItem(
    [property: Description("Symbol, upper case.")] string Symbol,
    [property: Description("Event time of its newest trade.")] DateTimeOffset T,
    [property: Description("Price of that trade.")] decimal P,
    [property: Description("Close of the newest 1Day bar before that of the trade; null on a symbol's first day.")]
    decimal? PreviousClose,
    [property: Description("From what the change counts: previous_close, or open where there is none, that of the trade's 1Day bar.")]
    string Since,
    [property: Description("Price less the previous close, or less the open.")] decimal Change,
    [property: Description("The same in percent, to four decimals.")] decimal ChangePercent);
