namespace Radar.Market;

/// <summary>One trade of a market, as it travels from a source over Kafka into the projection.</summary>
/// <param name="Symbol">See <see cref="SymbolName"/>; upper case unless <see cref="SymbolRule"/> keeps it.</param>
/// <param name="Price">Price of one unit, greater than 0, without trailing zeros.</param>
/// <param name="TimestampMs">Event time, Unix milliseconds, at least 0.</param>
/// <param name="Size">Traded units, at least 0, without trailing zeros.</param>
/// <param name="TradeId">The venue's own identity of the trade; empty where it has none.</param>
/// <param name="Side">The aggressor's side.</param>
/// <param name="Venue">Short name of the source, market included (<c>binance</c>, <c>binance-usdm</c>), or null.</param>
public readonly record struct Tick(
    string Symbol,
    decimal Price,
    long TimestampMs,
    decimal Size = 0,
    TradeId TradeId = default,
    Side Side = Side.Unknown,
    string? Venue = null);

/// <summary>Side of the aggressor: the order that took liquidity.</summary>
public enum Side : byte
{
    /// <summary>The source does not report it.</summary>
    Unknown,

    /// <summary>The buyer took.</summary>
    Buy,

    /// <summary>The seller took.</summary>
    Sell,
}

/// <summary>A venue's own trade identity: an integer, a text, or nothing. Its JSON form is kept: a number stays a number.</summary>
public readonly record struct TradeId
{
    private readonly long _number;
    private readonly bool _isNumber;

    /// <summary>An integer identity, as most venues give.</summary>
    public TradeId(long number) => (_number, _isNumber) = (number, true);

    /// <summary>A textual identity; null is no identity.</summary>
    public TradeId(string? text) => Text = text;

    /// <summary>The text, or null where the identity is an integer or absent.</summary>
    public string? Text { get; }

    /// <summary>The integer, or null where the identity is a text or absent.</summary>
    public long? Number => _isNumber ? _number : null;

    /// <summary>True where the source gave no identity.</summary>
    public bool IsEmpty => !_isNumber && Text is null;

    /// <inheritdoc/>
    public override string ToString() =>
        _isNumber ? _number.ToString(System.Globalization.CultureInfo.InvariantCulture) : Text ?? "";
}
