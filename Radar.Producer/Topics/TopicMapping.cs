using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Confluent.Kafka;
using Radar.Market;

namespace Radar.Producer.Topics;

/// <summary>A record of the other topic, as it came.</summary>
internal readonly record struct TopicRecord(byte[]? Key, byte[]? Value, Headers? Headers, long TimestampMs);

/// <summary>
/// Makes ticks of another topic's records, by <see cref="TopicOptions"/>. A record is mapped whole or refused whole: what is mended
/// and sent again then makes each of its trades once. Remembers names; one user.
/// </summary>
internal sealed class TopicMapping
{
    // Confluent's serializer for JSON with a schema puts a zero byte and the schema's id (4 bytes) before the JSON, which cannot begin so.
    private const int SchemaFrameBytes = 5;

    private static readonly string[] Required = [nameof(TopicOptions.Symbol), nameof(TopicOptions.Price), nameof(TopicOptions.Time)];

    private readonly NameTable _names = new();
    private readonly FieldPath _symbol, _price, _time, _size, _tradeId, _side, _venue;
    private readonly JsonPointer? _items;
    private readonly SideNames _sides;
    private readonly TimeUnit _timeUnit;
    private readonly SymbolFormat _format;
    private readonly bool _readsKeyJson;

    private TopicMapping(TopicOptions options, string symbolFormat, List<string> faults)
    {
        _symbol = Parse(nameof(options.Symbol), options.Symbol, faults);
        _price = Parse(nameof(options.Price), options.Price, faults);
        _time = Parse(nameof(options.Time), options.Time, faults);
        _size = Parse(nameof(options.Size), options.Size, faults);
        _tradeId = Parse(nameof(options.TradeId), options.TradeId, faults);
        _side = Parse(nameof(options.Side), options.Side, faults);
        _venue = Parse(nameof(options.Venue), options.Venue, faults);
        if (SideNames.TryParse(options.Sides, options.SideIsMakers, out _sides) is { } sidesFault)
            faults.Add($"Producer:Topic:Sides: {sidesFault}.");
        if (options.Items is { Length: > 0 } items && JsonPointer.TryParse(items == "value" ? "" : items, out _items) is { } itemsFault)
            faults.Add($"Producer:Topic:Items: '{items}': {itemsFault}, or value where the value itself is the list.");
        _format = SymbolFormat.TryCreate(symbolFormat, out SymbolFormat? format) ? format : SymbolFormat.Plain;
        _timeUnit = options.TimeUnit;
        _readsKeyJson = new[] { _symbol, _price, _time, _size, _tradeId, _side, _venue }.Any(path => path.Kind == FieldPathKind.KeyJson);
        CheckConstants(faults);
    }

    /// <summary>Reads the settings; every fault is added to <paramref name="faults"/>, as a sentence that names the setting.</summary>
    public static bool TryCreate(
        TopicOptions options, string symbolFormat, List<string> faults, [NotNullWhen(true)] out TopicMapping? mapping)
    {
        int before = faults.Count;
        var created = new TopicMapping(options, symbolFormat, faults);
        mapping = faults.Count == before ? created : null;
        return mapping is not null;
    }

    /// <summary>Writes the record's ticks to <paramref name="ticks"/>, which is emptied first.</summary>
    /// <returns>Why the record is refused, or <see cref="TickRefusal.None"/>. Never throws on bad input.</returns>
    public TickRefusal Map(in TopicRecord record, List<Tick> ticks)
    {
        ticks.Clear();
        if (record.Value is null)
            return TickRefusal.NoValue;
        var json = record.Value is [0, _, _, _, _, ..] ? record.Value.AsMemory(SchemaFrameBytes) : record.Value;
        if (!Utf8.IsValid(json.Span) || (_readsKeyJson && !Utf8.IsValid(record.Key)))
            return TickRefusal.BadJson; // JsonDocument looks only at the texts that it is asked for
        try
        {
            using var value = JsonDocument.Parse(json);
            using var key = _readsKeyJson && record.Key is not null ? JsonDocument.Parse(record.Key) : null;
            var refusal = MapAll(new Reading(record, value.RootElement, key?.RootElement ?? default), ticks);
            if (refusal != TickRefusal.None)
                ticks.Clear();
            return refusal;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The library throws InvalidOperationException for a string with an unpaired surrogate.
            ticks.Clear();
            return TickRefusal.BadJson;
        }
    }

    private TickRefusal MapAll(in Reading reading, List<Tick> ticks)
    {
        var items = reading.Value;
        if (_items is not null && !_items.TryFind(reading.Value, out items))
            return TickRefusal.MissingItems;
        if (_items is null || items.ValueKind != JsonValueKind.Array)
            return MapOne(reading, items, ticks);
        foreach (JsonElement item in items.EnumerateArray())
        {
            if (MapOne(reading, item, ticks) is not TickRefusal.None and var refusal)
                return refusal;
        }

        return TickRefusal.None;
    }

    private TickRefusal MapOne(in Reading reading, JsonElement item, List<Tick> ticks)
    {
        TickRefusal refusal;
        if (Refused(refusal = TickMembers.Symbol(reading.At(_symbol, item), _names, out string symbol))
            || Refused(refusal = TickMembers.Price(reading.At(_price, item), out decimal price))
            || Refused(refusal = Time(reading, item, out long timestampMs))
            || Refused(refusal = TickMembers.Size(reading.At(_size, item), out decimal size))
            || Refused(refusal = TickMembers.TradeId(reading.At(_tradeId, item), out TradeId tradeId))
            || Refused(refusal = TickMembers.Side(reading.At(_side, item), _sides, out Side side))
            || Refused(refusal = TickMembers.Venue(reading.At(_venue, item), _names, out string? venue)))
            return refusal;

        var tick = new Tick(symbol, price, timestampMs, size, tradeId, side, venue);
        if (Refused(refusal = TickCodec.Check(tick)))
            return refusal;
        if (_format.Name(tick) is not { } name)
            return TickRefusal.BadSymbol;
        ticks.Add(tick with { Symbol = name });
        return TickRefusal.None;
    }

    private TickRefusal Time(in Reading reading, JsonElement item, out long timestampMs)
    {
        if (_time.Kind != FieldPathKind.RecordTime)
            return TickMembers.Time(reading.At(_time, item), _timeUnit, out timestampMs);
        timestampMs = reading.RecordMs;
        return timestampMs >= 0 ? TickRefusal.None : TickRefusal.MissingTimestamp;
    }

    private static bool Refused(TickRefusal refusal) => refusal != TickRefusal.None;

    private static FieldPath Parse(string setting, string text, List<string> faults)
    {
        if (FieldPath.TryParse(text, out FieldPath path) is { } fault)
            faults.Add($"Producer:Topic:{setting}: '{text}' is no path: {fault}.");
        else if (path.Kind == FieldPathKind.Nowhere && Required.Contains(setting))
            faults.Add($"Producer:Topic:{setting} is empty: a tick has to have one.");
        else if (path.Kind == FieldPathKind.RecordTime && setting != "Time")
            faults.Add($"Producer:Topic:{setting}: timestamp is the record's time, and no {setting}.");
        return path;
    }

    /// <summary>A constant is the same for all records: it is checked at once.</summary>
    private void CheckConstants(List<string> faults)
    {
        Check("Symbol", _symbol, path => TickMembers.Symbol(Scalar.Of(path.Utf8), _names, out _));
        Check("Price", _price, path => TickMembers.Price(Scalar.Of(path.Utf8), out _));
        Check("Time", _time, path => TickMembers.Time(Scalar.Of(path.Utf8), _timeUnit, out _));
        Check("Size", _size, path => TickMembers.Size(Scalar.Of(path.Utf8), out _));
        Check("TradeId", _tradeId, path => TickMembers.TradeId(Scalar.Of(path.Utf8), out _));
        Check("Side", _side, path => TickMembers.Side(Scalar.Of(path.Utf8), _sides, out _));
        Check("Venue", _venue, path => TickMembers.Venue(Scalar.Of(path.Utf8), _names, out _));

        void Check(string setting, FieldPath path, Func<FieldPath, TickRefusal> read)
        {
            if (path.Kind == FieldPathKind.Constant && read(path) is not TickRefusal.None and var refusal)
                faults.Add($"Producer:Topic:{setting}: the constant '{path.Text}' cannot be used ({refusal.Name()}).");
        }
    }

    /// <summary>One record, open for reading.</summary>
    private readonly ref struct Reading(in TopicRecord record, JsonElement value, JsonElement key)
    {
        private readonly TopicRecord _record = record;
        private readonly JsonElement _key = key;

        public JsonElement Value { get; } = value;

        public long RecordMs => _record.TimestampMs;

        public Scalar At(FieldPath path, JsonElement item) => path.Kind switch
        {
            FieldPathKind.Item => path.Pointer!.TryFind(item, out var found) ? Scalar.Of(found) : default,
            FieldPathKind.Value => path.Pointer!.TryFind(Value, out var found) ? Scalar.Of(found) : default,
            FieldPathKind.KeyJson => path.Pointer!.TryFind(_key, out var found) ? Scalar.Of(found) : default,
            FieldPathKind.Key => Scalar.Of(_record.Key),
            FieldPathKind.Header => Scalar.Of(
                _record.Headers is { } headers && headers.TryGetLastBytes(path.Text, out byte[] text) ? text : null),
            FieldPathKind.Constant => Scalar.Of(path.Utf8),
            _ => default,
        };
    }
}
