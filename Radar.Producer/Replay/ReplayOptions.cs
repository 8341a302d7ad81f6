using System.ComponentModel.DataAnnotations;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>Section <c>Producer:Replay</c>.</summary>
public sealed class ReplayOptions : MappingOptions
{
    /// <summary>Files, folders (with all below them) or globs (<c>*</c>, <c>?</c>, <c>**</c>).</summary>
    [MaxLength(10_000)]
    public IList<string> Paths { get; } = [];

    /// <summary>1 is the recorded pace, n is n times as fast, 0 as fast as possible.</summary>
    [Range(0, 1_000_000)]
    public double Speed { get; set; } = 1;

    /// <summary>Begin again at the end.</summary>
    public bool Loop { get; set; }

    /// <summary>Symbol of files that name none. A file whose name has another symbol is left out.</summary>
    [StringLength(64)]
    public string? Symbol { get; set; }

    /// <summary>
    /// Regular expression that finds the symbol in the path of a file that names none, as its group <c>symbol</c>:
    /// <c>(?&lt;symbol&gt;[A-Z]+)_trades</c>.
    /// </summary>
    [StringLength(500)]
    public string? SymbolPattern { get; set; }

    /// <summary>Venue of files that name none.</summary>
    [StringLength(64)]
    public string? Venue { get; set; }

    /// <summary>
    /// The line that CSV files without a header lack, columns separated by commas: <c>id,price,qty,quote_qty,time,is_buyer_maker</c>. It
    /// decides alone, unless the file has a header of its own with a price and a time.
    /// </summary>
    public string? Header { get; set; }

    /// <summary>
    /// Of JSON files, a pointer to the list of trades in a record: <c>/data</c>. Null takes a record as one trade, and a list as its items.
    /// </summary>
    [StringLength(1_000)]
    public string? Items { get; set; }

    /// <summary>
    /// A file whose columns or name say that it holds something else than trades (quotes, candles, books, liquidations) is left out.
    /// </summary>
    public bool OnlyTrades { get; set; } = true;

    /// <summary>Columns of CSV files, where their names are not the usual ones, and pointers into JSON.</summary>
    public CsvColumns Columns { get; private set; } = new();

    /// <summary>Copies the settings of how files are read, but not of which ones.</summary>
    internal void CopyFormatTo(ReplayOptions other)
    {
        CopyMappingTo(other);
        (other.Symbol, other.SymbolPattern, other.Venue, other.Header) = (Symbol, SymbolPattern, Venue, Header);
        (other.Items, other.OnlyTrades, other.Columns) = (Items, OnlyTrades, Columns);
    }
}

/// <summary>
/// Section <c>Producer:Replay:Columns</c>: the header's name of each column, or <c>/pointer</c> into JSON, or <c>constant:text</c>. Null
/// finds it by usual names, an empty name leaves it out.
/// </summary>
public sealed class CsvColumns
{
    /// <summary>Usually <c>symbol</c>, <c>ticker</c>, <c>pair</c>, <c>instrument</c> or <c>product_id</c>.</summary>
    public string? Symbol { get; set; }

    /// <summary>Usually <c>price</c>, <c>px</c> or <c>last</c>.</summary>
    public string? Price { get; set; }

    /// <summary>
    /// Usually <c>size</c>, <c>qty</c>, <c>quantity</c>, <c>volume</c> or <c>amount</c>, in this order; never what is a turnover, such as
    /// <c>quote_qty</c>.
    /// </summary>
    public string? Size { get; set; }

    /// <summary>Usually <c>timestamp</c>, <c>time</c>, <c>ts</c>, <c>datetime</c> or <c>date</c>.</summary>
    public string? Timestamp { get; set; }

    /// <summary>Usually <c>date</c>, beside a column <c>time</c>: the day of what may be a time of day.</summary>
    public string? Date { get; set; }

    /// <summary>Usually <c>trade_id</c> or <c>id</c>.</summary>
    public string? TradeId { get; set; }

    /// <summary>Usually <c>side</c>, of the taker: <c>buy</c> or <c>sell</c>.</summary>
    public string? Side { get; set; }

    /// <summary>Usually <c>is_buyer_maker</c>, in the place of a side: true is a sale. In JSON a pointer, such as <c>/m</c>.</summary>
    public string? BuyerIsMaker { get; set; }

    /// <summary>Usually <c>venue</c> or <c>exchange</c>.</summary>
    public string? Venue { get; set; }

    /// <summary>Usually <c>correction</c>: the mark of a correction or cancel.</summary>
    public string? Correction { get; set; }

    /// <summary>What is set for a field.</summary>
    internal string? this[TickField field] => field switch
    {
        TickField.Symbol => Symbol,
        TickField.Price => Price,
        TickField.Size => Size,
        TickField.Time => Timestamp,
        TickField.Date => Date,
        TickField.TradeId => TradeId,
        TickField.Side => Side,
        TickField.Venue => Venue,
        TickField.Correction => Correction,
        _ => null,
    };
}
