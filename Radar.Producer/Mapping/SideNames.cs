using System.Text;
using Radar.Market;

namespace Radar.Producer.Mapping;

/// <summary>What a source's words for sides mean: <c>B=buy,S=sell,X=none</c>.</summary>
internal sealed class SideNames
{
    private readonly (byte[] Utf8, Side Side)[] _names;

    private SideNames((byte[] Utf8, Side Side)[] names) => _names = names;

    /// <summary>No word means anything.</summary>
    public static SideNames None { get; } = new([]);

    /// <summary>Reads the list.</summary>
    /// <param name="text">The list.</param>
    /// <param name="areMakers">The words are the maker's side; the aggressor's is the other.</param>
    /// <param name="names">The names, where nothing is wrong.</param>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryParse(string text, bool areMakers, out SideNames names)
    {
        names = new SideNames([]);
        var found = new List<(byte[] Utf8, Side Side)>();
        foreach (string pair in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = pair.LastIndexOf('=');
            Side? side = pair[(equals + 1)..].Trim().ToLowerInvariant() switch
            {
                "buy" => areMakers ? Side.Sell : Side.Buy,
                "sell" => areMakers ? Side.Buy : Side.Sell,
                "none" => Side.Unknown,
                _ => null,
            };
            byte[] utf8 = equals > 0 ? Encoding.UTF8.GetBytes(pair[..equals].TrimEnd()) : [];
            if (utf8.Length == 0 || side is null)
                return $"'{pair}' is not a word of the source and what it means, such as B=buy, S=sell or X=none";
            if (found.Exists(other => Ascii.EqualsIgnoreCase(other.Utf8, utf8)))
                return $"'{pair[..equals]}' is there twice; case does not count";
            found.Add((utf8, side.Value));
        }

        names = new SideNames([.. found]);
        return null;
    }

    /// <summary>What a word means; false where it is not in the list.</summary>
    public bool TryFind(ReadOnlySpan<byte> utf8, out Side side)
    {
        foreach (var (name, meaning) in _names)
        {
            if (!Ascii.EqualsIgnoreCase(name, utf8) && !utf8.SequenceEqual(name))
                continue;
            side = meaning;
            return true;
        }

        side = Side.Unknown;
        return false;
    }
}
