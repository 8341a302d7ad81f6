using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Radar.Producer.Mapping;

/// <summary>A JSON pointer, RFC 6901: <c>/a/0/b~1c</c>. The empty one is the whole document.</summary>
internal sealed class JsonPointer
{
    private readonly (byte[] Name, int Index)[] _steps;

    private JsonPointer((byte[] Name, int Index)[] steps) => _steps = steps;

    /// <summary>Reads a pointer.</summary>
    /// <returns>What is wrong with it, or null.</returns>
    public static string? TryParse(string text, out JsonPointer pointer)
    {
        pointer = new JsonPointer([]);
        if (text.Length == 0)
            return null;
        if (text[0] != '/')
            return "a JSON pointer begins with '/', such as /trade/price";
        for (int tilde = text.IndexOf('~', StringComparison.Ordinal); tilde >= 0; tilde = text.IndexOf('~', tilde + 1))
        {
            if (tilde + 1 == text.Length || text[tilde + 1] is not ('0' or '1'))
                return "in a JSON pointer '~' is written ~0, and '/' inside a name ~1";
        }

        pointer = new JsonPointer([.. text[1..].Split('/').Select(Step)]);
        return null;
    }

    /// <summary>The member or index with which it begins, or null for the whole document.</summary>
    public string? First => _steps.Length == 0 ? null : Encoding.UTF8.GetString(_steps[0].Name);

    /// <summary>Follows the pointer from <paramref name="root"/>; false where it leads nowhere.</summary>
    public bool TryFind(JsonElement root, out JsonElement found)
    {
        found = root;
        foreach (var (name, index) in _steps)
        {
            if (found.ValueKind == JsonValueKind.Object && found.TryGetProperty(name, out JsonElement member))
                found = member;
            else if (found.ValueKind == JsonValueKind.Array && index >= 0 && index < found.GetArrayLength())
                found = found[index];
            else
                return false;
        }

        return true;
    }

    private static (byte[] Name, int Index) Step(string token)
    {
        string name = token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);

        // An index has no leading zeros; anything else can only be a member's name.
        bool isIndex = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && (name == "0" || name[0] != '0');
        return (Encoding.UTF8.GetBytes(name), isIndex ? index : -1);
    }
}
