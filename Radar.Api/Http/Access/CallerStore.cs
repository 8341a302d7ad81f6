using Radar.Api.Access;

namespace Radar.Api.Http.Access;

/// <summary>Who showed a credential before, as it is now: the key may have been changed or revoked since.</summary>
internal sealed class CallerStore(KnownKeys keys, TimeProvider time)
{
    /// <summary>Null where the key or token does not count any more.</summary>
    /// <param name="credential">What was kept of it.</param>
    /// <param name="scheme">How it is shown now.</param>
    public Caller? Find(Credential? credential, string scheme) => credential switch
    {
        { KeyId: { } id, SecretHash: { } hash } => keys.Find(id, hash) is { } known ? Caller.OfKey(known, hash, scheme) : null,
        { Subject: { } subject, Scopes: { } scopes, Expires: { } expires } when expires > time.GetUtcNow() =>
            Caller.OfToken(subject, scopes, expires, scheme),
        _ => null,
    };
}
