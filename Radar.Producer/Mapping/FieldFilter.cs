namespace Radar.Producer.Mapping;

/// <summary>
/// Which records are trades: <c>action=T,rtype=0</c>. All conditions have to hold; <c>|</c> separates values of which one is enough,
/// <c>!=</c> stands for none of them, an empty value for a field that is not there, and <c>*</c> at the end of a value for any end.
/// </summary>
internal sealed class FieldFilter
{
    private readonly Condition[] _conditions;

    private FieldFilter(Condition[] conditions) => _conditions = conditions;

    /// <summary>Lets every record through.</summary>
    public static FieldFilter None { get; } = new([]);

    /// <summary>The places whose values decide, in the order of the conditions.</summary>
    public IReadOnlyList<string> Places => [.. _conditions.Select(condition => condition.Place)];

    /// <summary>Reads the conditions.</summary>
    /// <returns>What is wrong with them, or null.</returns>
    public static string? TryParse(string? text, out FieldFilter filter)
    {
        filter = None;
        var found = new List<Condition>();
        foreach (string part in (text ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.LastIndexOf('=');
            bool isNot = equals > 0 && part[equals - 1] == '!';
            string place = equals <= 0 ? "" : part[..(isNot ? equals - 1 : equals)].Trim();
            if (place.Length == 0)
                return $"'{part}' is no condition such as action=T, action=T|F or type!=quote";
            found.Add(new Condition(place, [.. part[(equals + 1)..].Split('|').Select(value => Encode(value.Trim()))], isNot));
        }

        filter = new FieldFilter([.. found]);
        return null;
    }

    /// <summary>Whether a record is a trade.</summary>
    public bool Takes<TFields>(in TFields fields)
        where TFields : ITickFields, allows ref struct
    {
        for (int i = 0; i < _conditions.Length; i++)
        {
            if (!_conditions[i].Holds(fields.Condition(i)))
                return false;
        }

        return true;
    }

    private static byte[] Encode(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private sealed record Condition(string Place, byte[][] Values, bool IsNot)
    {
        public bool Holds(Scalar value)
        {
            bool found = false;
            foreach (byte[] one in Values)
                found |= one is [.., (byte)'*'] ? value.Utf8.StartsWith(one.AsSpan()[..^1]) : IsThis(value, one);
            return found != IsNot;
        }

        /// <summary>An object or a list has no text, and is there all the same.</summary>
        private static bool IsThis(Scalar value, byte[] one) => value.Kind != ScalarKind.Structure && value.Utf8.SequenceEqual(one);
    }
}
