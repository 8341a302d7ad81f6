using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Text;

namespace Radar.Market;

/// <summary>
/// Turns the UTF-8 bytes of a recurring name into one shared <see cref="string"/>. Not thread-safe: whoever
/// decodes owns one.
/// </summary>
/// <remarks>
/// Bounded: names past a million symbols and a few thousand texts are still returned, but no longer remembered.
/// </remarks>
/// <param name="symbols">How symbols are read.</param>
public sealed class NameTable(SymbolRule symbols)
{
    private const int SymbolsMax = 1 << 20;
    private const int TextsMax = 4096; // venues: a handful, unless someone makes them up
    private const int RecentNames = 256;

    private readonly Dictionary<byte[], string> _symbols = new(Utf8Comparer.Instance);
    private readonly Dictionary<byte[], string> _texts = new(Utf8Comparer.Instance);

    // The same few names come again and again: a look at the place where they were last saves hashing (25 ns) and costs 5 ns.
    private readonly (byte[]? Utf8, string Name)[] _recentSymbols = new (byte[]?, string)[RecentNames];
    private readonly (byte[]? Utf8, string Name)[] _recentTexts = new (byte[]?, string)[RecentNames];

    /// <summary>A table that upper-cases symbols.</summary>
    public NameTable()
        : this(SymbolRule.Upper)
    {
    }

    /// <summary>The symbol for <paramref name="utf8"/>, as the rule has it, or null where it is not a symbol.</summary>
    public string? Symbol(ReadOnlySpan<byte> utf8)
    {
        if (TryGet(_symbols, _recentSymbols, utf8, out string? known))
            return known;
        return symbols.TryNormalize(utf8, out string symbol) ? Remember(_symbols, SymbolsMax, utf8, symbol) : null;
    }

    /// <summary>The text of <paramref name="utf8"/>, which the caller knows to be valid UTF-8 without escapes.</summary>
    public string Text(ReadOnlySpan<byte> utf8)
    {
        if (TryGet(_texts, _recentTexts, utf8, out string? known))
            return known;

        // Only what means itself inside a JSON string is remembered: PrintableText looks its bytes up as they stand there.
        string text = Encoding.UTF8.GetString(utf8);
        return IsPrintable(utf8) ? Remember(_texts, TextsMax, utf8, text) : text;
    }

    /// <summary>
    /// The text of <paramref name="utf8"/> as it stands in a JSON string; null where it holds anything but printable ASCII, or escapes.
    /// </summary>
    public string? PrintableText(ReadOnlySpan<byte> utf8)
    {
        if (TryGet(_texts, _recentTexts, utf8, out string? known))
            return known;
        return IsPrintable(utf8) ? Text(utf8) : null;
    }

    private static bool IsPrintable(ReadOnlySpan<byte> utf8) =>
        !utf8.ContainsAnyExceptInRange((byte)' ', (byte)'~') && !utf8.Contains((byte)'\\');

    private static bool TryGet(
        Dictionary<byte[], string> table, (byte[]? Utf8, string Name)[] recent, ReadOnlySpan<byte> utf8,
        [NotNullWhen(true)] out string? name)
    {
        name = null;
        if (utf8.IsEmpty)
            return false;
        ref var place = ref recent[((utf8[0] * 31) + (utf8[utf8.Length / 2] * 7) + (utf8[^1] * 3) + utf8.Length) % RecentNames];
        if (utf8.SequenceEqual(place.Utf8))
        {
            name = place.Name;
            return true;
        }

        if (!table.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(utf8, out byte[]? key, out name))
            return false;
        place = (key, name);
        return true;
    }

    private static string Remember(Dictionary<byte[], string> table, int namesMax, ReadOnlySpan<byte> utf8, string name)
    {
        if (table.Count < namesMax)
            table.Add(utf8.ToArray(), name);
        return name;
    }

    private sealed class Utf8Comparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Utf8Comparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate) => (int)XxHash3.HashToUInt64(alternate);

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
