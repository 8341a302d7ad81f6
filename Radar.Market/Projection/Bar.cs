namespace Radar.Market.Projection;

/// <summary>
/// Trades of one span of time folded into one: first, highest, lowest and last price, quantity, count, notional. First and last are
/// decided by (timestamp, offset), so the result does not depend on the order of arrival, and two bars of disjoint trades merge.
/// </summary>
internal sealed class Bar(long openTime)
{
    /// <summary>Open time, Unix ms.</summary>
    public long OpenTime { get; private set; } = openTime;

    public decimal Open { get; set; }

    public decimal High { get; set; }

    public decimal Low { get; set; }

    public decimal Close { get; set; }

    /// <summary>Sum of sizes.</summary>
    public ExactSum Volume { get; set; }

    /// <summary>Number of trades; a bar without any has no prices.</summary>
    public long Count { get; set; }

    /// <summary>Sum of price × size, each product rounded to a decimal.</summary>
    public ExactSum Notional { get; set; }

    /// <summary>Time and offset of the trade that opened.</summary>
    public EventOrder Opened { get; set; }

    /// <summary>Time and offset of the trade that closed.</summary>
    public EventOrder Closed { get; set; }

    /// <summary>Waits in its symbol's list of bars to be written.</summary>
    public bool Dirty { get; set; }

    /// <summary>Adds one trade.</summary>
    public void Add(decimal price, decimal size, EventOrder order)
    {
        if (Count == 0)
        {
            Open = High = Low = Close = price;
            Opened = Closed = order;
        }
        else
        {
            if (price > High)
                High = price;
            if (price < Low)
                Low = price;
            if (order > Closed)
                (Close, Closed) = (price, order);
            else if (order < Opened)
                (Open, Opened) = (price, order);
        }

        Count++;
        if (size == 0)
            return;
        Volume += ExactSum.Of(size);
        Notional += ExactSum.Of(price * size);
    }

    /// <summary>Adds the trades of <paramref name="other"/>, which holds at least one and none that is here.</summary>
    public void Merge(Bar other)
    {
        if (Count == 0)
        {
            (Open, Opened, High, Low, Close, Closed) = (other.Open, other.Opened, other.High, other.Low, other.Close, other.Closed);
        }
        else
        {
            High = Math.Max(High, other.High);
            Low = Math.Min(Low, other.Low);
            if (other.Closed > Closed)
                (Close, Closed) = (other.Close, other.Closed);
            if (other.Opened < Opened)
                (Open, Opened) = (other.Open, other.Opened);
        }

        Count += other.Count;
        Volume += other.Volume;
        Notional += other.Notional;
    }

    /// <summary>Empties the bar for another span.</summary>
    public void Reset(long openTime)
    {
        OpenTime = openTime;
        Count = 0;
        Volume = Notional = default;
    }

    /// <summary>
    /// Average price weighted by size, to 16 significant digits; null where nothing was traded.
    /// </summary>
    public decimal? VolumeWeightedPrice()
    {
        if (Volume.IsZero)
            return null;
        decimal exact = Notional.ToDecimal() / Volume.ToDecimal();
        int magnitude = 0;
        for (decimal rest = Math.Abs(exact); rest >= 1; rest /= 10)
            magnitude++;
        for (decimal rest = Math.Abs(exact); rest is > 0 and < 0.1m; rest *= 10)
            magnitude--;
        return DecimalText.Normalize(Math.Round(exact, Math.Clamp(16 - magnitude, 0, 28)));
    }
}

/// <summary>Rank of a trade in the order that decides first and last: event time, then offset.</summary>
/// <param name="TimestampMs">Event time, Unix ms.</param>
/// <param name="Offset">Kafka offset.</param>
internal readonly record struct EventOrder(long TimestampMs, long Offset)
{
    public static bool operator >(EventOrder left, EventOrder right) =>
        left.TimestampMs > right.TimestampMs || (left.TimestampMs == right.TimestampMs && left.Offset > right.Offset);

    public static bool operator <(EventOrder left, EventOrder right) => right > left;
}
