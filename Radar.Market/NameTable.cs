using System.IO.Hashing;
using System.Text;

namespace Radar.Market;

/// <summary>
/// Turns the UTF-8 bytes of a name that comes again and again into one shared <see cref="string"/>. Not thread-safe: whoever
/// decodes owns one.
/// </summary>
/// <remarks>Bounded by <paramref name="capacity"/>: names past it are still returned, but no longer remembered.</remarks>
public sealed class NameTable(int capacity = 1 << 20)
{
    private readonly Dictionary<byte[], string> _names = new(Utf8Comparer.Instance);

    /// <summary>The upper-cased symbol for <paramref name="utf8"/>, or null where it is not a symbol.</summary>
    public string? Symbol(ReadOnlySpan<byte> utf8)
    {
        if (TryGet(utf8, out string? known))
            return known;
        return SymbolName.IsValid(utf8) ? Remember(utf8, Encoding.ASCII.GetString(utf8).ToUpperInvariant()) : null;
    }

    /// <summary>The text of <paramref name="utf8"/>, which the caller knows to be valid UTF-8.</summary>
    public string Text(ReadOnlySpan<byte> utf8) =>
        TryGet(utf8, out string? known) ? known : Remember(utf8, Encoding.UTF8.GetString(utf8));

    private bool TryGet(ReadOnlySpan<byte> utf8, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? name) =>
        _names.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(utf8, out name);

    private string Remember(ReadOnlySpan<byte> utf8, string name)
    {
        if (_names.Count < capacity)
            _names.Add(utf8.ToArray(), name);
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
