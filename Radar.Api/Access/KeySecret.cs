using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Radar.Api.Access;

/// <summary>
/// A key as a client sends it: <c>rk_&lt;id&gt;_&lt;secret&gt;</c>, 12 and 64 hexadecimal digits. The secret has 256 random bits, so that a
/// plain hash of it is as good as a slow one.
/// </summary>
/// <param name="Id">Names the record; not secret.</param>
/// <param name="Secret">Shown once, kept nowhere.</param>
internal readonly record struct KeySecret(string Id, string Secret)
{
    public const string Prefix = "rk_";

    private const int IdBytes = 6;
    private const int SecretBytes = 32;
    private const int Length = 3 + (2 * IdBytes) + 1 + (2 * SecretBytes);

    /// <summary>A new key.</summary>
    public static KeySecret New() => OfId(RandomNumberGenerator.GetHexString(2 * IdBytes, lowercase: true));

    /// <summary>A new secret of a key.</summary>
    public static KeySecret OfId(string id) => new(id, RandomNumberGenerator.GetHexString(2 * SecretBytes, lowercase: true));

    /// <summary>Whether a text is the id of a key.</summary>
    public static bool IsId(string text) => IsHex(text, IdBytes);

    public static bool TryParse([NotNullWhen(true)] string? text, out KeySecret key)
    {
        key = default;
        if (text?.Length != Length || !text.StartsWith(Prefix, StringComparison.Ordinal) || text.Split('_') is not [_, var id, var secret]
            || !IsHex(id, IdBytes) || !IsHex(secret, SecretBytes))
            return false;
        key = new KeySecret(id, secret);
        return true;
    }

    /// <summary>What is kept of the secret: SHA-256 in lower-case hexadecimal.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(Secret)));

    /// <summary>Never the secret: this may reach a log.</summary>
    public override string ToString() => $"{Prefix}{Id}_…";

    /// <summary>As a client sends it.</summary>
    public string Reveal() => $"{Prefix}{Id}_{Secret}";

    private static bool IsHex(string part, int bytes) => part.Length == 2 * bytes && part.All(char.IsAsciiHexDigitLower);
}
