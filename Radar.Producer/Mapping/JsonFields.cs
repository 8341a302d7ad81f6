using System.Text.Json;

namespace Radar.Producer.Mapping;

/// <summary>One trade in JSON that comes alone, without key, headers or a time of its own.</summary>
/// <param name="paths">Where its fields are.</param>
/// <param name="value">All that came.</param>
/// <param name="item">The trade in it.</param>
internal readonly ref struct JsonFields(FieldPaths paths, JsonElement value, JsonElement item) : ITickFields, IPathValues
{
    private readonly FieldPaths _paths = paths;
    private readonly JsonElement _value = value;
    private readonly JsonElement _item = item;

    public Scalar this[TickField field] => _paths[field].Find(this);

    public Scalar Condition(int index) => _paths.Condition(index).Find(this);

    public Scalar At(FieldPath path) => path.Kind switch
    {
        FieldPathKind.Item => path.Pointer!.TryFind(_item, out var found) ? Scalar.Of(found) : default,
        FieldPathKind.Value => path.Pointer!.TryFind(_value, out var found) ? Scalar.Of(found) : default,
        FieldPathKind.Constant => Scalar.OfText(path.Utf8),
        _ => default,
    };
}
