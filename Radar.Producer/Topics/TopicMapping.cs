using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Confluent.Kafka;
using Radar.Market;
using Radar.Producer.Mapping;

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

    private const string UsualSides = "buy=buy,sell=sell";

    private static readonly TickField[] Required = [TickField.Symbol, TickField.Price, TickField.Time];

    private readonly FieldPaths _paths = new();
    private readonly ItemsPath _items;
    private readonly TickMapping _mapping;
    private readonly SymbolFormat _format;
    private readonly bool _readsKeyJson;

    private TopicMapping(TopicOptions options, string symbolFormat, List<string> faults)
    {
        var preset = Presets.JsonNamed(options.Preset);
        if (!string.IsNullOrEmpty(options.Preset) && preset is null)
            faults.Add($"Producer:Topic:Preset: no known format of JSON is named '{options.Preset}'. One of: {Presets.JsonNames}.");
        foreach (var (field, setting, text) in options.Paths(preset))
            Parse(field, setting, text, faults);
        if (ItemsPath.TryParse(options.Items, preset, mayBeRecord: false, out _items) is { } itemsFault)
            faults.Add($"Producer:Topic:Items: '{options.Items}': {itemsFault}, or value where the value itself is the list.");
        _format = SymbolFormat.TryCreate(symbolFormat, options.SymbolRule, out SymbolFormat? format) ? format : SymbolFormat.Plain;
        var rules = options.ToRules("Producer:Topic", preset, UsualSides, faults);
        if (_paths.TrySetConditions(rules.Filter.Places) is { } filterFault)
            faults.Add($"Producer:Topic:Filter: {filterFault}.");
        _mapping = new TickMapping(rules);
        _readsKeyJson = _paths.All.Any(path => path.Kind == FieldPathKind.KeyJson);
        CheckConstants(options, preset, faults);
    }

    /// <summary>Records or items of the last record that the filter leaves out.</summary>
    public int NoTrades { get; private set; }

    /// <summary>Corrections and cancels of the last record that do not count.</summary>
    public int Corrections { get; private set; }

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
        (NoTrades, Corrections) = (0, 0);
        if (record.Value is null)
            return TickRefusal.NoValue;
        var json = record.Value is [0, _, _, _, _, ..] ? record.Value.AsMemory(SchemaFrameBytes) : record.Value;
        if (!Utf8.IsValid(json.Span) || (_readsKeyJson && !Utf8.IsValid(record.Key)))
            return TickRefusal.BadJson; // JsonDocument looks only at the texts that it is asked for
        try
        {
            using var value = JsonDocument.Parse(json);
            using var key = _readsKeyJson && record.Key is not null ? JsonDocument.Parse(record.Key) : null;
            var refusal = MapAll(record, value.RootElement, key?.RootElement ?? default, ticks);
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

    private TickRefusal MapAll(in TopicRecord record, JsonElement value, JsonElement key, List<Tick> ticks)
    {
        if (!_items.TryFind(value, out var items, out bool isList))
            return TickRefusal.MissingItems;
        if (!isList)
            return MapOne(new Reading(_paths, record, value, key, items), ticks);
        foreach (JsonElement item in items.EnumerateArray())
        {
            if (MapOne(new Reading(_paths, record, value, key, item), ticks) is not TickRefusal.None and var refusal)
                return refusal;
        }

        return TickRefusal.None;
    }

    private TickRefusal MapOne(in Reading reading, List<Tick> ticks)
    {
        switch (_mapping.Map(reading, out Tick tick, out TickRefusal refusal))
        {
            case MapOutcome.NoTrade:
                NoTrades++;
                return TickRefusal.None;
            case MapOutcome.Correction:
                Corrections++;
                return TickRefusal.None;
            case MapOutcome.Refused:
                return refusal;
            default:
                break;
        }

        if (_format.Name(tick) is not { } name)
            return _format.Refusal;
        ticks.Add(tick with { Symbol = name });
        return TickRefusal.None;
    }

    private void Parse(TickField field, string setting, string text, List<string> faults)
    {
        if (_paths.TrySet(field, text) is { } fault)
            faults.Add($"Producer:Topic:{setting}: '{text}' is no path: {fault}.");
        else if (_paths[field].Kind == FieldPathKind.Nowhere && Required.Contains(field))
            faults.Add($"Producer:Topic:{setting} is empty: a tick has to have one.");
        else if (_paths[field].Kind == FieldPathKind.RecordTime && field != TickField.Time)
            faults.Add($"Producer:Topic:{setting}: timestamp is the record's time, and no {setting}.");
    }

    /// <summary>A constant is the same for all records: it is checked at once.</summary>
    private void CheckConstants(TopicOptions options, Preset? preset, List<string> faults)
    {
        foreach (var (field, setting, _) in options.Paths(preset))
        {
            FieldPath path = _paths[field];
            if (path.Kind == FieldPathKind.Constant
                && _mapping.Check(field, Scalar.Of(path.Utf8)) is not TickRefusal.None and var refusal)
                faults.Add($"Producer:Topic:{setting}: the constant '{path.Text}' cannot be used ({refusal.Name()}).");
        }
    }

    /// <summary>One trade of a record, open for reading.</summary>
    private readonly ref struct Reading(FieldPaths paths, TopicRecord record, JsonElement value, JsonElement key, JsonElement item)
        : ITickFields, IPathValues
    {
        private readonly FieldPaths _paths = paths;
        private readonly TopicRecord _record = record;
        private readonly JsonElement _value = value;
        private readonly JsonElement _key = key;
        private readonly JsonElement _item = item;

        public Scalar this[TickField field] => _paths[field].Find(this);

        public Scalar Condition(int index) => _paths.Condition(index).Find(this);

        public Scalar At(FieldPath path) => path.Kind switch
        {
            FieldPathKind.Item => path.Pointer!.TryFind(_item, out var found) ? Scalar.Of(found) : default,
            FieldPathKind.Value => path.Pointer!.TryFind(_value, out var found) ? Scalar.Of(found) : default,
            FieldPathKind.KeyJson => path.Pointer!.TryFind(_key, out var found) ? Scalar.Of(found) : default,
            FieldPathKind.Key => Scalar.Of(_record.Key),
            FieldPathKind.Header => Scalar.Of(
                _record.Headers is { } headers && headers.TryGetLastBytes(path.Text, out byte[] text) ? text : null),
            FieldPathKind.Constant => Scalar.Of(path.Utf8),
            FieldPathKind.RecordTime => _record.TimestampMs >= 0 ? Scalar.OfUnixMs(_record.TimestampMs) : default,
            _ => default,
        };
    }
}
