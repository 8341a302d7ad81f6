namespace Radar.Producer.Mapping;

/// <summary>Where in a record of JSON each field of a tick is, and what the filter looks at.</summary>
internal sealed class FieldPaths
{
    private readonly FieldPath[] _paths = [.. Enum.GetValues<TickField>().Select(_ => FieldPath.Nowhere)];
    private FieldPath[] _conditions = [];

    /// <summary>The path of a field.</summary>
    public FieldPath this[TickField field] => _paths[(int)field];

    /// <summary>The path that the filter's condition of an index looks at.</summary>
    public FieldPath Condition(int index) => _conditions[index];

    /// <summary>Every path, alternatives included.</summary>
    public IEnumerable<FieldPath> All => _paths.Concat(_conditions).SelectMany(path => path.Alternatives);

    /// <summary>Sets the path of a field.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public string? TrySet(TickField field, string text)
    {
        string? fault = FieldPath.TryParse(text, out FieldPath path);
        _paths[(int)field] = path;
        return fault;
    }

    /// <summary>Sets what the filter looks at.</summary>
    /// <returns>What is wrong with one of its places, or null.</returns>
    public string? TrySetConditions(IEnumerable<string> places)
    {
        string? fault = null;
        _conditions = [.. places.Select(place =>
        {
            if (FieldPath.TryParse(place, out FieldPath path) is { } found)
                fault ??= $"'{place}' is no path: {found}";
            return path;
        })];
        return fault;
    }
}
