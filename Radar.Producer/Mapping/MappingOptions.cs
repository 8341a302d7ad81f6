using System.ComponentModel.DataAnnotations;
using Radar.Market;

namespace Radar.Producer.Mapping;

/// <summary>How the fields of a source's records are written: the same settings for files and for topics.</summary>
public abstract class MappingOptions
{
    /// <summary>
    /// A known format, which gives the places and what follows here where they are not set: <c>binance</c>, <c>tardis</c>,
    /// <c>databento</c>, <c>kaiko</c>, <c>coinapi</c>, <c>bybit</c>, <c>okx</c>, <c>bitget</c>, <c>gate</c>, <c>bitmex</c>, <c>kraken</c>,
    /// <c>bitstamp</c>, <c>alpaca</c>, <c>polygon</c>, <c>ccxt</c>, <c>coinbase</c>, <c>hyperliquid</c>, <c>taq</c>.
    /// </summary>
    [StringLength(50)]
    public string? Preset { get; set; }

    /// <summary>How the event time is written; <c>auto</c> distinguishes units by magnitude. See docs/sources.md.</summary>
    public TimeUnit TimeUnit { get; set; }

    /// <summary>
    /// .NET format of the times, such as <c>dd.MM.yyyy HH:mm:ss.fff</c>, or <c>HHmmss</c> beside a date of its own, where the usual ones
    /// do not fit; null takes the usual ones.
    /// </summary>
    [StringLength(100)]
    public string? TimeFormat { get; set; }

    /// <summary>Which part of 03/04/2024 is the day; <c>auto</c> refuses a date that may mean two days.</summary>
    public DateOrder DateOrder { get; set; }

    /// <summary>Time zone of times without an offset, such as <c>America/New_York</c> or <c>Etc/GMT+5</c>; null is UTC.</summary>
    [StringLength(100)]
    public string? TimeZone { get; set; }

    /// <summary>What separates the fraction of a number that is a text, and so what separates its thousands.</summary>
    public NumberStyle Numbers { get; set; }

    /// <summary>The price is multiplied by it: <c>1e-9</c> where it is an integer of billionths.</summary>
    public decimal PriceScale { get; set; } = 1;

    /// <summary>The size is multiplied by it.</summary>
    public decimal SizeScale { get; set; } = 1;

    /// <summary>
    /// What the side's values mean, in any case: <c>B=buy,S=sell,X=none</c>. None takes the usual words; <c>bid</c>, <c>ask</c>,
    /// <c>1</c> and <c>2</c> mean different things at different venues and are never guessed.
    /// </summary>
    [StringLength(1_000)]
    public string? Sides { get; set; }

    /// <summary>The side is that of the maker, whose order rested in the book; the aggressor's is the other.</summary>
    public bool SideIsMakers { get; set; }

    /// <summary>The sign of the size is the side: negative is a sale.</summary>
    public bool SideFromSize { get; set; }

    /// <summary>
    /// Which records are trades: <c>action=T,rtype=0</c>, all of them to hold, <c>action=T|F</c> one of two values, <c>type!=quote</c>,
    /// <c>topic=publicTrade.*</c> any end, <c>type=trade|</c> or no such field. Others are left out and counted.
    /// </summary>
    [StringLength(1_000)]
    public string? Filter { get; set; }

    /// <summary>What becomes of records that are marked as corrections or cancels.</summary>
    public CorrectionPolicy Corrections { get; set; }

    /// <summary><see cref="RadarOptions.AllowNonPositivePrices"/>.</summary>
    internal bool AllowNonPositivePrices { get; set; }

    /// <summary>Of <c>Producer:SymbolCase</c>.</summary>
    internal SymbolRule SymbolRule { get; set; } = SymbolRule.Upper;

    /// <summary>Copies what is set here.</summary>
    internal void CopyMappingTo(MappingOptions other)
    {
        (other.Preset, other.TimeUnit, other.TimeFormat, other.DateOrder) = (Preset, TimeUnit, TimeFormat, DateOrder);
        (other.TimeZone, other.Numbers, other.PriceScale, other.SizeScale) = (TimeZone, Numbers, PriceScale, SizeScale);
        (other.Sides, other.SideIsMakers, other.SideFromSize) = (Sides, SideIsMakers, SideFromSize);
        (other.Filter, other.Corrections) = (Filter, Corrections);
        (other.AllowNonPositivePrices, other.SymbolRule) = (AllowNonPositivePrices, SymbolRule);
    }

    /// <summary>The rules in force: what is set here, then what the preset says.</summary>
    /// <param name="section">For messages: <c>Producer:Topic</c>.</param>
    /// <param name="preset">What applies where nothing is set; null is nothing.</param>
    /// <param name="usualSides">The side's values where neither says what they mean.</param>
    /// <param name="faults">Every fault is added, as a sentence that names the setting.</param>
    internal MappingRules ToRules(string section, Preset? preset, string usualSides, List<string> faults)
    {
        bool ownSides = !string.IsNullOrEmpty(Sides);
        if (SideNames.TryParse(ownSides ? Sides! : preset?.Sides ?? usualSides, SideIsMakers, out SideNames sides) is { } sidesFault)
            faults.Add($"{section}:Sides: {sidesFault}.");
        if (FieldFilter.TryParse(Filter ?? preset?.Filter, out FieldFilter filter) is { } filterFault)
            faults.Add($"{section}:Filter: {filterFault}.");
        if (PriceScale <= 0)
            faults.Add($"{section}:PriceScale must be greater than 0, such as 1e-9.");
        if (SizeScale <= 0)
            faults.Add($"{section}:SizeScale must be greater than 0, such as 1e-8.");
        if (!string.IsNullOrEmpty(TimeFormat) && TimeText.FaultOf(TimeFormat) is { } formatFault)
            faults.Add($"{section}:TimeFormat: '{TimeFormat}': {formatFault}.");
        TimeZoneInfo? zone = null;
        string? zoneName = string.IsNullOrEmpty(TimeZone) ? preset?.TimeZone : TimeZone;
        if (zoneName is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(zoneName, out zone))
            faults.Add($"{section}:TimeZone: there is no time zone '{zoneName}'; one is named America/New_York or Etc/GMT+5.");
        string? format = string.IsNullOrEmpty(TimeFormat) ? null : TimeFormat;
        return new MappingRules
        {
            Time = new TimeText(TimeUnit, format, DateOrder, zone),
            Sides = sides,
            SideFromSize = SideFromSize || preset?.SideFromSize == true,
            PrefersSide = !SideFromSize,
            Numbers = Numbers == NumberStyle.Auto ? null : Numbers,
            PriceScale = PriceScale != 1 ? PriceScale : preset?.PriceScale ?? 1,
            ScalesWholePricesOnly = PriceScale == 1 && preset?.PriceScale is not null,
            SizeScale = SizeScale,
            Filter = filter,
            Corrections = Corrections,
            AnyPrice = AllowNonPositivePrices,
        };
    }
}
