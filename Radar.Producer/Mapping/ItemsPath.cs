using System.Text.Json;

namespace Radar.Producer.Mapping;

/// <summary>Where in a record of JSON the list is of which each item is a trade.</summary>
internal sealed class ItemsPath
{
    private readonly JsonPointer[] _pointers;
    private readonly bool _mayBeMissing;
    private readonly bool _mayBeRecord;

    private ItemsPath(JsonPointer[] pointers, bool mayBeMissing, bool mayBeRecord) =>
        (_pointers, _mayBeMissing, _mayBeRecord) = (pointers, mayBeMissing, mayBeRecord);

    /// <summary>Reads the setting, or takes the place of a known format, whose messages may be without such a list.</summary>
    /// <param name="set">A pointer, several as in <see cref="FieldPath"/>, or <c>value</c>; null takes the known format's.</param>
    /// <param name="preset">The known format, or null.</param>
    /// <param name="mayBeRecord">Whether a record that is a list is the one, where no place is set.</param>
    /// <param name="items">The place.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryParse(string? set, Preset? preset, bool mayBeRecord, out ItemsPath items)
    {
        string text = set ?? preset?.Items ?? "";
        var pointers = new List<JsonPointer>();
        string? fault = null;
        foreach (string one in text.Length == 0 ? [] : FieldPath.Split(text))
        {
            string? wrong = JsonPointer.TryParse(one == "value" ? "" : one, out JsonPointer pointer);
            fault ??= wrong;
            pointers.Add(pointer);
        }

        items = new ItemsPath([.. pointers], set is null, mayBeRecord || (set is null && preset is not null));
        return fault;
    }

    /// <summary>Finds the trades of a record.</summary>
    /// <param name="record">As it was read.</param>
    /// <param name="items">The list of trades, or the one trade.</param>
    /// <param name="isList">Which of the two.</param>
    /// <returns>False where nothing is where the list is said to be.</returns>
    public bool TryFind(JsonElement record, out JsonElement items, out bool isList)
    {
        foreach (var pointer in _pointers)
        {
            if (!pointer.TryFind(record, out items))
                continue;
            isList = items.ValueKind == JsonValueKind.Array;
            return true;
        }

        items = record;
        isList = _mayBeRecord && record.ValueKind == JsonValueKind.Array
            && (record.GetArrayLength() == 0 || record[0].ValueKind is JsonValueKind.Object or JsonValueKind.Array);
        return _pointers.Length == 0 || _mayBeMissing;
    }
}
