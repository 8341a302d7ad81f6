using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Radar.Api.Access;

/// <summary>A key's record, as Redis keeps it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Whose it is, for people.</param>
/// <param name="Scopes">Of <see cref="Access.Scopes"/>.</param>
/// <param name="Secrets">One, or two while it is rotated; the newest last.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">When it ends; null is never.</param>
/// <param name="Symbols">See <see cref="SymbolPatterns"/>; null is every symbol.</param>
internal sealed record ApiKey(
    string Id, string Name, ImmutableArray<string> Scopes, ImmutableArray<KeptSecret> Secrets, DateTimeOffset Created,
    DateTimeOffset? Expires = null, ImmutableArray<string>? Symbols = null)
{
    /// <summary>Secrets that count at a time.</summary>
    public const int SecretsMax = 2;

    public string Format() => JsonSerializer.Serialize(this, AccessJson.Default.ApiKey);

    /// <summary>Reads a record; null where it is not one.</summary>
    public static ApiKey? TryParse(string record)
    {
        try
        {
            return JsonSerializer.Deserialize(record, AccessJson.Default.ApiKey);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether this is one of its secrets; takes the same time whichever digit differs.</summary>
    public bool Has(KeySecret key)
    {
        byte[] hash = Encoding.ASCII.GetBytes(key.Hash());
        bool found = false;
        foreach (KeptSecret secret in Secrets)
            found |= CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(secret.Hash), hash);
        return found;
    }
}

/// <summary>What is kept of a secret.</summary>
/// <param name="Hash">See <see cref="KeySecret.Hash"/>.</param>
/// <param name="Created">When it was made.</param>
internal sealed record KeptSecret(string Hash, DateTimeOffset Created);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ApiKey))]
internal sealed partial class AccessJson : JsonSerializerContext;
