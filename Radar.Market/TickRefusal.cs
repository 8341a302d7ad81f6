using System.Text.Json;

namespace Radar.Market;

/// <summary>Why an event is refused. The names, in snake case, are the reasons in dead letters and in metrics.</summary>
public enum TickRefusal : byte
{
    /// <summary>Not refused.</summary>
    None,

    /// <summary>Not a JSON object, or not UTF-8 throughout.</summary>
    BadJson,

    /// <summary>Larger than <see cref="TickCodec.ValueBytesMax"/>.</summary>
    TooLarge,

    /// <summary>No symbol.</summary>
    MissingSymbol,

    /// <summary>No price.</summary>
    MissingPrice,

    /// <summary>No timestamp.</summary>
    MissingTimestamp,

    /// <summary>See <see cref="SymbolName"/>.</summary>
    BadSymbol,

    /// <summary>Not a decimal greater than 0.</summary>
    BadPrice,

    /// <summary>Not Unix milliseconds.</summary>
    BadTimestamp,

    /// <summary>Not a decimal of at least 0.</summary>
    BadSize,

    /// <summary>Neither int64 nor a text of 1–128 bytes.</summary>
    BadTradeId,

    /// <summary>Neither <c>buy</c> nor <c>sell</c>.</summary>
    BadSide,

    /// <summary>Not a text of 1–128 bytes.</summary>
    BadVenue,

    /// <summary>The record's key is missing or is not the symbol.</summary>
    KeyMismatch,

    /// <summary>The timestamp is further ahead than tolerated.</summary>
    InFuture,

    /// <summary>Price, size or their product is larger than <see cref="TickCodec.AmountMax"/>.</summary>
    OutOfRange,

    /// <summary>The record of another topic has no value: a tombstone.</summary>
    NoValue,

    /// <summary>The record of another topic has no list of trades where one should be.</summary>
    MissingItems,

    /// <summary>The symbol is new, and its partition has as many as <see cref="ProjectionOptions.SymbolsMax"/> lets it have.</summary>
    TooManySymbols,

    /// <summary>The symbol of another topic differs in case only from one that came before, and symbols are upper-cased.</summary>
    AnotherSpelling,
}

/// <summary>Names of <see cref="TickRefusal"/> outside this program.</summary>
public static class TickRefusalNames
{
    private static readonly string[] Names =
        [.. Enum.GetValues<TickRefusal>().Select(refusal => JsonNamingPolicy.SnakeCaseLower.ConvertName(refusal.ToString()))];

    /// <summary>The name in headers, metrics and logs: <c>missing_price</c>.</summary>
    public static string Name(this TickRefusal refusal) => Names[(int)refusal];
}
