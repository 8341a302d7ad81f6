using System.Buffers;
using Radar.Market.Projection;

namespace Radar.Market.Store;

/// <content>Writes records. Each ends with its checksum.</content>
public static partial class StoredRecord
{
    internal static void WriteLatest(IBufferWriter<byte> output, LatestTrade latest)
    {
        ref readonly Tick tick = ref latest.TickRef;
        var line = new JsonLine(output.GetSpan(SizeOf(tick) + SymbolName.BytesMax));
        line.Raw("{\"symbol\":\""u8);
        line.Symbol(tick.Symbol);
        line.Raw("\",\"t\":"u8);
        Trade(ref line, tick);
        line.Raw("\n"u8);
        line.Integer(tick.TimestampMs);
        line.Raw(" "u8);
        line.Integer(latest.Offset);
        line.Raw(" "u8);
        line.Decimal(tick.Price);
        if (latest.TraceParent is not null)
        {
            line.Raw(" "u8);
            line.Ascii(latest.TraceParent);
        }

        line.Raw(" "u8);
        End(output, ref line);
    }

    internal static void WriteTrade(IBufferWriter<byte> output, in Tick tick, long offset)
    {
        var line = new JsonLine(output.GetSpan(SizeOf(tick)));
        line.Raw("{\"t\":"u8);
        Trade(ref line, tick);
        line.Raw("\n"u8);
        line.Integer(tick.TimestampMs);
        line.Raw(" "u8);
        line.Integer(offset);
        line.Raw(" "u8);
        End(output, ref line);
    }

    internal static void WriteBar(IBufferWriter<byte> output, Bar bar)
    {
        var line = new JsonLine(output.GetSpan(512));
        line.Raw("{\"t\":"u8);
        line.Time(bar.OpenTime);
        line.Raw(",\"o\":"u8);
        line.Decimal(bar.Open);
        line.Raw(",\"h\":"u8);
        line.Decimal(bar.High);
        line.Raw(",\"l\":"u8);
        line.Decimal(bar.Low);
        line.Raw(",\"c\":"u8);
        line.Decimal(bar.Close);
        line.Raw(",\"v\":"u8);
        decimal volume = bar.Volume.ToDecimal();
        line.Decimal(volume);
        line.Raw(",\"n\":"u8);
        line.Integer(bar.Count);
        line.Raw(",\"vw\":"u8);
        line.NullableDecimal(bar.VolumeWeightedPrice());
        line.Raw("}\n"u8);
        line.Integer(bar.OpenTime);
        line.Raw(" "u8);
        line.Integer(bar.Opened.TimestampMs);
        line.Raw(" "u8);
        line.Integer(bar.Opened.Offset);
        line.Raw(" "u8);
        line.Integer(bar.Closed.TimestampMs);
        line.Raw(" "u8);
        line.Integer(bar.Closed.Offset);
        line.Raw(" "u8);
        Sum(ref line, bar.Notional);
        if (!ExactSum.Of(volume).Equals(bar.Volume))
        {
            line.Raw(" "u8);
            Sum(ref line, bar.Volume);
        }

        line.Raw(" "u8);
        End(output, ref line);
    }

    /// <param name="output">Where to.</param>
    /// <param name="latest">The newest trade.</param>
    /// <param name="previousClose">Close of the day before; null where there is none.</param>
    /// <param name="open">Open of the day of that trade, from which the change counts where there is no previous close.</param>
    internal static void WriteDay(IBufferWriter<byte> output, LatestTrade latest, decimal? previousClose, decimal open)
    {
        decimal from = previousClose ?? open;
        decimal change = latest.TickRef.Price - from;
        var line = new JsonLine(output.GetSpan(512));
        line.Raw("{\"symbol\":\""u8);
        line.Symbol(latest.TickRef.Symbol);
        line.Raw("\",\"t\":"u8);
        line.Time(latest.TimestampMs);
        line.Raw(",\"p\":"u8);
        line.Decimal(latest.TickRef.Price);
        line.Raw(",\"previous_close\":"u8);
        line.NullableDecimal(previousClose);
        line.Raw(previousClose is null ? ",\"since\":\"open\",\"change\":"u8 : ",\"since\":\"previous_close\",\"change\":"u8);
        line.Decimal(DecimalText.Normalize(change));
        line.Raw(",\"change_percent\":"u8);
        line.NullableDecimal(Percent(change, from));
        line.Raw("}\n"u8);
        End(output, ref line);
    }

    /// <summary>Ends a record with the checksum of what was written of it.</summary>
    private static void End(IBufferWriter<byte> output, ref JsonLine line)
    {
        Span<byte> checksum = stackalloc byte[ChecksumLength];
        WriteChecksum(line.Written, checksum);
        line.Raw(checksum);
        output.Advance(line.Length);
    }

    /// <summary>Every digit of a sum; most are decimals.</summary>
    private static void Sum(ref JsonLine line, ExactSum value)
    {
        decimal rounded = value.ToDecimal();
        if (ExactSum.Of(rounded).Equals(value))
            line.Decimal(rounded);
        else
            line.Ascii(value.ToString());
    }

    /// <summary>
    /// Percent to four decimals; null where the quotient does not fit a decimal, and where the close is not above 0: from -10 to 5 would
    /// be -150 %.
    /// </summary>
    private static decimal? Percent(decimal change, decimal previousClose)
    {
        if (previousClose <= 0)
            return null;
        try
        {
            return DecimalText.Normalize(Math.Round(change / previousClose * 100, 4));
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <summary>The members of a trade from its time on, closing brace included.</summary>
    private static void Trade(ref JsonLine line, in Tick tick)
    {
        line.Time(tick.TimestampMs);
        line.Raw(",\"p\":"u8);
        line.Decimal(tick.Price);
        line.Raw(",\"s\":"u8);
        line.Decimal(tick.Size);
        line.Raw(",\"i\":"u8);
        line.TradeId(tick.TradeId);
        line.Raw(",\"side\":"u8);
        line.Side(tick.Side);
        line.Raw(",\"venue\":"u8);
        line.Text(tick.Venue);
        line.Raw("}"u8);
    }

    /// <summary>Room for a trade: fixed parts, a checksum, two decimals of 31, and texts whose characters may all be escaped.</summary>
    private static int SizeOf(in Tick tick) => 330 + (6 * (tick.TradeId.Text?.Length ?? 0)) + (6 * (tick.Venue?.Length ?? 0));
}
