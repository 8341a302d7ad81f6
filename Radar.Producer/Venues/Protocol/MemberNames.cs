using System.Text;
using System.Text.Json;

namespace Radar.Producer.Venues.Protocol;

/// <summary>Names of members by which the messages of one venue are distinguished from those of another; each has a bit.</summary>
internal sealed class MemberNames
{
    private readonly byte[][] _names;

    /// <param name="names">At most 63.</param>
    public MemberNames(params string[] names) => _names = Array.ConvertAll(names, Encoding.UTF8.GetBytes);

    /// <summary>Bit of any name that is not among these.</summary>
    public const ulong Other = 1UL << 63;

    /// <summary>The bit of the name at which <paramref name="reader"/> stands, or <see cref="Other"/>.</summary>
    public ulong Bit(in Utf8JsonReader reader)
    {
        for (int i = 0; i < _names.Length; i++)
        {
            if (reader.ValueTextEquals(_names[i]))
                return 1UL << i;
        }

        return Other;
    }

    /// <summary>The bits of <paramref name="names"/>, each of which is one of these.</summary>
    public ulong Bits(params string[] names) => names.Aggregate(0UL, (bits, name) =>
    {
        int at = Array.FindIndex(_names, known => known.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(name)));
        return at >= 0 ? bits | (1UL << at) : throw new ArgumentException($"{name} is not one of the names.", nameof(names));
    });
}
