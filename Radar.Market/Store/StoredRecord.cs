using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Radar.Market.Projection;

namespace Radar.Market.Store;

/// <summary>
/// A stored value: what the API serves, ready to copy, then what only Radar needs.
/// <code>
/// public JSON object (without a line feed) | LF | private fields, separated by spaces | checksum, the last field
/// latest  {"symbol","t","p","s","i","side","venue"}                        timestamp offset price [traceparent of its send] ~crc
/// trade   {"t","p","s","i","side","venue"}                                 timestamp offset ~crc
/// bar     {"t","o","h","l","c","v","n","vw"}                               t opened closed notional [volume] ~crc
/// day     {"symbol","t","p","previous_close","since","change","change_percent"}    ~crc
/// </code>
/// <c>opened</c> and <c>closed</c> are timestamp and offset of a bar's first and last trade. A bar's sums are exact. What is served of them
/// fits a decimal; where <c>v</c> is rounded for that, the volume is stored beside it. The checksum is the CRC-32 of all bytes before the
/// <c>~</c>, in 8 hex digits. Records of an older Radar have none, and day records of it no line feed. <see cref="IsIntact"/> accepts them:
/// none of their private fields has a <c>~</c>, or a byte that differs from it by one bit.
/// </summary>
public static partial class StoredRecord
{
    private const byte Separator = (byte)'\n';

    /// <summary>The part that is served.</summary>
    public static ReadOnlySpan<byte> Public(ReadOnlySpan<byte> record)
    {
        int end = record.IndexOf(Separator);
        return end < 0 ? record : record[..end];
    }

    /// <inheritdoc cref="Public(ReadOnlySpan{byte})"/>
    public static ReadOnlyMemory<byte> Public(ReadOnlyMemory<byte> record) => record[..Public(record.Span).Length];

    /// <summary>The price of a latest or trade record, as it is served.</summary>
    public static ReadOnlyMemory<byte> Price(ReadOnlyMemory<byte> record)
    {
        // No text of others comes before the price: a symbol has neither quotes nor commas.
        var member = ",\"p\":"u8;
        var price = record[(record.Span.IndexOf(member) + member.Length)..];
        return price[..price.Span.IndexOf((byte)',')];
    }

    /// <summary>Event time, Unix ms, and offset of a latest or trade record.</summary>
    public static (long TimestampMs, long Offset) Order(ReadOnlySpan<byte> record)
    {
        var fields = new PrivateFields(record);
        return (fields.Integer(), fields.Integer());
    }

    /// <summary>Event time, Unix ms, offset, price and trace of a latest record.</summary>
    public static (long TimestampMs, long Offset, decimal Price, string? TraceParent) Latest(ReadOnlySpan<byte> record)
    {
        var fields = new PrivateFields(record);
        return (fields.Integer(), fields.Integer(), fields.Decimal(), fields.Text());
    }

    /// <summary>
    /// The traceparent that a latest record's event was sent with; empty where it was not sampled. Read at every request: what lies at the
    /// end is looked at, and nothing before it.
    /// </summary>
    public static ReadOnlyMemory<byte> TraceParentOf(ReadOnlyMemory<byte> latest)
    {
        latest = latest[..WithoutChecksum(latest.Span).Length];
        if (latest.Length <= TraceParent.Length || latest.Span[^(TraceParent.Length + 1)] != ' ')
            return default;
        var last = latest[^TraceParent.Length..];
        return last.Span.ContainsAny((byte)' ', Separator) ? default : last; // a price, the field before it, is shorter
    }

    /// <summary>A trade's members, from its time to the closing brace, of a latest or trade record.</summary>
    public static ReadOnlyMemory<byte> TradeMembers(ReadOnlyMemory<byte> record)
    {
        // A symbol has neither quotes nor commas.
        var members = Public(record)[1..];
        return members.Span.StartsWith("\"symbol\":"u8) ? members[(members.Span.IndexOf((byte)',') + 1)..] : members;
    }

    /// <summary>The change of a day record, in percent; null where it does not fit a decimal.</summary>
    public static decimal? ChangePercent(ReadOnlySpan<byte> day)
    {
        // The last member; no text of others is in a day record.
        var member = ",\"change_percent\":"u8;
        var json = Public(day);
        int at = json.LastIndexOf(member);
        var value = at < 0 ? default : json[(at + member.Length)..^1];
        if (value.SequenceEqual("null"u8))
            return null;
        return DecimalText.TryParse(value, out decimal percent)
            ? percent
            : throw new FormatException("A day record has no change where one belongs: another program wrote to Radar's keys.");
    }

    /// <summary>Open time, Unix ms, of a bar record.</summary>
    public static long OpenTime(ReadOnlySpan<byte> record) => new PrivateFields(record).Integer();

    /// <summary>Number of trades of a bar record.</summary>
    public static long Count(ReadOnlySpan<byte> record) => ReadBar(record).Count;

    internal static Bar ReadBar(ReadOnlySpan<byte> record)
    {
        var fields = new PrivateFields(record);
        var bar = new Bar(fields.Integer())
        {
            Opened = new EventOrder(fields.Integer(), fields.Integer()),
            Closed = new EventOrder(fields.Integer(), fields.Integer()),
            Notional = ExactSum.Parse(fields.Next()),
        };
        var volume = fields.Next();
        var json = new Utf8JsonReader(Public(record));
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            byte name = json.ValueSpan.Length == 1 ? json.ValueSpan[0] : (byte)0;
            json.Read();
            switch (name)
            {
                case (byte)'o': bar.Open = json.GetDecimal(); break;
                case (byte)'h': bar.High = json.GetDecimal(); break;
                case (byte)'l': bar.Low = json.GetDecimal(); break;
                case (byte)'c': bar.Close = json.GetDecimal(); break;
                case (byte)'v': bar.Volume = ExactSum.Parse(volume.IsEmpty ? json.ValueSpan : volume); break;
                case (byte)'n': bar.Count = json.GetInt64(); break;
            }
        }

        return bar;
    }

    internal static (decimal Price, decimal Size) ReadTrade(ReadOnlySpan<byte> record)
    {
        var json = new Utf8JsonReader(Public(record));
        decimal price = 0, size = 0;
        json.Read();
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            byte name = json.ValueSpan.Length == 1 ? json.ValueSpan[0] : (byte)0;
            json.Read();
            if (name == (byte)'p')
                price = json.GetDecimal();
            else if (name == (byte)'s')
                size = json.GetDecimal();
        }

        return (price, size);
    }

    /// <summary>Reads the private fields in order.</summary>
    private ref struct PrivateFields(ReadOnlySpan<byte> record)
    {
        private ReadOnlySpan<byte> _rest = WithoutChecksum(record)[(record.IndexOf(Separator) + 1)..];

        public long Integer()
        {
            if (!Utf8Parser.TryParse(Next(), out long value, out _))
                throw new FormatException("A stored record has no integer where one belongs: another program wrote to Radar's keys.");
            return value;
        }

        public decimal Decimal()
        {
            if (!DecimalText.TryParse(Next(), out decimal value))
                throw new FormatException("A stored record has no decimal where one belongs: another program wrote to Radar's keys.");
            return value;
        }

        public string? Text()
        {
            var field = Next();
            return field.IsEmpty ? null : Encoding.ASCII.GetString(field);
        }

        public ReadOnlySpan<byte> Next()
        {
            int end = _rest.IndexOf((byte)' ');
            var field = end < 0 ? _rest : _rest[..end];
            _rest = end < 0 ? default : _rest[(end + 1)..];
            return field;
        }
    }
}
