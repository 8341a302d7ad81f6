using Radar.Market;

namespace Radar.Api.Http.Requests;

/// <summary>Parameters that several routes take.</summary>
internal static class Parameters
{
    public static readonly TimeParameter Start = new(
        "start", "Earliest time, inclusive: RFC 3339 or Unix s, ms, µs or ns. Of a bar, its open time counts.", "2024-08-08T23:54:00Z");

    public static readonly TimeParameter End = new(
        "end", "Latest time, inclusive: RFC 3339 or Unix s, ms, µs or ns. Of a bar, its open time counts.", "2024-08-08T23:59:59.999Z");

    public static readonly IntegerParameter Limit = new("limit", "Most items in one answer.", "100", Min: 1, Max: 10_000, Default: 1000);

    public static readonly ChoiceParameter Sort = new(
        "sort", "Order of the items: trades by their place in the topic, bars by open time.", new Choice("asc"), new Choice("desc"));

    public static readonly OpaqueParameter PageToken = new(
        "page_token",
        "The next_page_token of the answer before. It belongs to one query: everything but limit must be as it was.",
        Requests.PageToken.Example);

    public static readonly OpaqueParameter SymbolPageToken = PageToken with { Example = Requests.SymbolPageToken.Example };

    public static readonly SymbolsParameter Symbols = new(
        "symbols",
        $"Symbols {InAnyCase}, separated by commas; those that are unknown are left out of the answer. All where it is not given.",
        "BTCUSDT,ETHUSDT",
        Max: 100);

    public static readonly TimeParameter AsOf = new(
        "as_of",
        "Answer as of this time, RFC 3339 or Unix s, ms, µs or ns: from the events up to it, with what is known now. Exact or refused: "
            + "400 where what is kept does not reach back so far.",
        "2024-08-08T23:54:15.342Z");

    public static readonly IntegerParameter MaxStalenessMs = new(
        "max_staleness_ms",
        "Rather have an error than an older state: 503 where the state is further behind the topic than this, or it is unknown how far.",
        "5000",
        Min: 0,
        Max: Rfc3339.UnixMsMax,
        Default: null);

    /// <summary>For descriptions: "Symbols" goes before it.</summary>
    public const string InAnyCase = $"in any case (as listed where {SymbolRule.Setting} is keep)";

    /// <summary>What a symbol looks like, in any case.</summary>
    public const string SymbolPattern = "^" + SymbolCharacters + "$";

    /// <summary>
    /// A list of excluded characters, since not every engine of regular expressions supports classes of letters such as <c>\p{L}</c>.
    /// </summary>
    public const string SymbolCharacters = "[^\\u0000- !\"$%'()*,;<>?@\\[\\\\\\]`{|}~]{1,64}";

    public const string SymbolDescription =
        $"Symbol, {InAnyCase}: {SymbolName.Rule} (percent-encoded; a slash may be written as it is or as %2F).";
}
