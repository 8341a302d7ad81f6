using System.Text.Json;

namespace Radar.Api.Access;

/// <summary>
/// What a caller has shown once, as a session or a ticket keeps it: a key by its id and the hash of its secret, so that it ends with the
/// key, or what a token said.
/// </summary>
/// <param name="KeyId">Of the key; null is a token.</param>
/// <param name="SecretHash">See <see cref="KeySecret.Hash"/>.</param>
/// <param name="Subject">Of the token.</param>
/// <param name="Scopes">Of the token.</param>
/// <param name="Expires">Of the token.</param>
internal sealed record Credential(
    string? KeyId = null, string? SecretHash = null, string? Subject = null, string[]? Scopes = null, DateTimeOffset? Expires = null)
{
    public string Format() => JsonSerializer.Serialize(this, AccessJson.Default.Credential);

    /// <summary>Reads what <see cref="Format"/> made; null where it is not that.</summary>
    public static Credential? TryParse(string? record) =>
        record is null ? null : AccessJson.TryRead(record, AccessJson.Default.Credential);
}
