using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Radar.Api.Access;

/// <summary>A key's record, as Redis keeps it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Whose it is, for people.</param>
/// <param name="Scopes">Of <see cref="Access.Scopes"/>.</param>
/// <param name="Secrets">One, or two while it is rotated; the newest last.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Expires">When it ends; null is never.</param>
/// <param name="Symbols">See <see cref="SymbolPatterns"/>; null is every symbol.</param>
/// <param name="Limits">Its own, beside those of the configuration; null is none.</param>
internal sealed record ApiKey(
    string Id, string Name, ImmutableArray<string> Scopes, ImmutableArray<KeptSecret> Secrets, DateTimeOffset Created,
    DateTimeOffset? Expires = null, ImmutableArray<string>? Symbols = null, KeyLimits? Limits = null)
{
    /// <summary>Secrets that count at a time.</summary>
    public const int SecretsMax = 2;

    public string Format() => JsonSerializer.Serialize(this, AccessJson.Default.ApiKey);

    /// <summary>Reads a record; null where it is not one.</summary>
    public static ApiKey? TryParse(string record) => AccessJson.TryRead(record, AccessJson.Default.ApiKey);

    /// <summary>Whether one of its secrets has this hash; takes the same time whichever digit differs.</summary>
    public bool Has(string hash)
    {
        bool found = false;
        foreach (KeptSecret secret in Secrets)
            found |= CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes<char>(secret.Hash), MemoryMarshal.AsBytes<char>(hash));
        return found;
    }
}

/// <summary>Limits of one key; null is that of the configuration, section <c>Limits</c>.</summary>
/// <param name="UnitsPerSecond">Cost units per second, at least 1.</param>
/// <param name="Burst">Cost units at once.</param>
/// <param name="Streams">Open streams in one process.</param>
internal sealed record KeyLimits(int? UnitsPerSecond = null, int? Burst = null, int? Streams = null);

/// <summary>What is kept of a secret.</summary>
/// <param name="Hash">See <see cref="KeySecret.Hash"/>.</param>
/// <param name="Created">When it was made.</param>
internal sealed record KeptSecret(string Hash, DateTimeOffset Created);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(Credential))]
internal sealed partial class AccessJson : JsonSerializerContext
{
    /// <summary>Reads a record; null where it is not one.</summary>
    public static T? TryRead<T>(string record, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(record, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
