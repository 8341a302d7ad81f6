using Radar.Market;

namespace Radar.Producer.Mapping;

/// <summary>What a record turned out to be.</summary>
internal enum MapOutcome
{
    /// <summary>A trade.</summary>
    Tick,

    /// <summary>By the filter, no trade.</summary>
    NoTrade,

    /// <summary>A correction or cancel that does not count.</summary>
    Correction,

    /// <summary>A record that cannot be read as a trade.</summary>
    Refused,
}

/// <summary>Settings of <see cref="TickMapping"/>, read and checked.</summary>
internal sealed record MappingRules
{
    /// <summary>How times are written.</summary>
    public TimeText Time { get; init; } = new(TimeUnit.Auto);

    /// <summary>What the values of the side mean.</summary>
    public SideNames Sides { get; init; } = SideNames.None;

    /// <summary>The sign of the size is the side: negative is a sale.</summary>
    public bool SideFromSize { get; init; }

    /// <summary>Where a record has a side beside a sign, the side counts: one vendor writes its markets either way.</summary>
    public bool PrefersSide { get; init; }

    /// <summary>How numbers in texts are written; null takes JSON's numbers only.</summary>
    public NumberStyle? Numbers { get; init; }

    /// <summary>The price is multiplied by it.</summary>
    public decimal PriceScale { get; init; } = 1;

    /// <summary>Only prices without a fraction are scaled.</summary>
    public bool ScalesWholePricesOnly { get; init; }

    /// <summary>The size is multiplied by it.</summary>
    public decimal SizeScale { get; init; } = 1;

    /// <summary>Which records are trades.</summary>
    public FieldFilter Filter { get; init; } = FieldFilter.None;

    /// <summary>What corrections mean.</summary>
    public CorrectionPolicy Corrections { get; init; }

    /// <summary>Prices may be 0 and less.</summary>
    public bool AnyPrice { get; init; }

    /// <summary>Values have no types, as in CSV: digits are a number.</summary>
    public bool IsUntyped { get; init; }

    /// <summary>Symbol of records that name none.</summary>
    public string? Symbol { get; init; }

    /// <summary>Venue of records that name none.</summary>
    public string? Venue { get; init; }
}

/// <summary>
/// Makes a tick of a record's fields: the one place where sizes get their scale and sides their meaning, for files and topics alike.
/// Symbols stay as they are spelled, so that <see cref="SymbolFormat"/> can tell those that differ in case only. Remembers names; one user.
/// </summary>
/// <param name="rules">The settings.</param>
internal sealed class TickMapping(MappingRules rules)
{
    private readonly NameTable _names = new(SymbolRule.Keep);

    /// <summary>The settings.</summary>
    public MappingRules Rules { get; } = rules;

    /// <summary>Reads a record. Never throws on bad input.</summary>
    /// <param name="fields">The record.</param>
    /// <param name="tick">The trade, where the result is <see cref="MapOutcome.Tick"/>.</param>
    /// <param name="refusal">Why it is refused, where it is.</param>
    public MapOutcome Map<TFields>(in TFields fields, out Tick tick, out TickRefusal refusal)
        where TFields : ITickFields, allows ref struct
    {
        tick = default;
        refusal = TickRefusal.None;
        if (!Rules.Filter.Takes(fields))
            return MapOutcome.NoTrade;
        if (!TickCorrection.Counts(fields[TickField.Correction], Rules.Corrections))
            return MapOutcome.Correction;
        refusal = Read(fields, out tick);
        return refusal == TickRefusal.None ? MapOutcome.Tick : MapOutcome.Refused;
    }

    /// <summary>Checks one field that is the same for all records.</summary>
    public TickRefusal Check(TickField field, Scalar value)
    {
        Side side = Side.Unknown;
        return field switch
        {
            TickField.Symbol => TickMembers.Symbol(value, _names, out _),
            TickField.Price => TickMembers.Price(value, Rules, out _),
            TickField.Time => TickMembers.Time(default, value, Rules.Time, out _),
            TickField.Size => TickMembers.Size(value, Rules, ref side, out _),
            TickField.TradeId => TickMembers.TradeId(value, Rules.IsUntyped, out _),
            TickField.Side => TickMembers.Side(value, Rules.Sides, out _),
            TickField.Venue => TickMembers.Venue(value, _names, out _),
            _ => TickRefusal.None,
        };
    }

    private TickRefusal Read<TFields>(in TFields fields, out Tick tick)
        where TFields : ITickFields, allows ref struct
    {
        tick = default;
        string? symbol = Rules.Symbol;
        string? venue = Rules.Venue;
        Scalar named = fields[TickField.Symbol];
        Scalar place = fields[TickField.Venue];
        TickRefusal refusal;
        if (((symbol is null || !TickMembers.IsAbsent(named))
                && Refused(refusal = TickMembers.Symbol(named, _names, out symbol)))
            || Refused(refusal = TickMembers.Price(fields[TickField.Price], Rules, out decimal price))
            || Refused(refusal = TickMembers.Time(fields[TickField.Date], fields[TickField.Time], Rules.Time, out long timestampMs)))
            return refusal;
        Side side = Side.Unknown;
        if (Refused(refusal = TickMembers.Size(fields[TickField.Size], Rules, ref side, out decimal size))
            || Refused(refusal = TickMembers.TradeId(fields[TickField.TradeId], Rules.IsUntyped, out TradeId tradeId))
            || (TakesSide(fields[TickField.Side]) && Refused(refusal = TickMembers.Side(fields[TickField.Side], Rules.Sides, out side)))
            || (!TickMembers.IsAbsent(place) && Refused(refusal = TickMembers.Venue(place, _names, out venue))))
            return refusal;
        tick = new Tick(symbol!, price, timestampMs, size, tradeId, side, venue);
        return TickCodec.Check(tick);
    }

    private bool TakesSide(Scalar side) => !Rules.SideFromSize || (Rules.PrefersSide && !TickMembers.IsAbsent(side));

    private static bool Refused(TickRefusal refusal) => refusal != TickRefusal.None;
}
