using System.Security.Claims;
using Radar.Api.Access;

namespace Radar.Api.Http.Access;

/// <summary>Who asks, where that is asked for.</summary>
/// <param name="name">The key's id or the token's subject; for logs.</param>
/// <param name="title">The key's name or the token's subject; for people.</param>
/// <param name="scheme">How it was found out.</param>
/// <param name="scopes">What it may do.</param>
/// <param name="symbols">What it may see; null is every symbol.</param>
/// <param name="limits">Its own; null is none.</param>
/// <param name="credential">What it showed.</param>
/// <param name="expires">When the key or token ends; null is never.</param>
/// <param name="ended">Cancelled when the key is revoked or over.</param>
internal sealed class Caller(
    string name, string title, string scheme, IReadOnlyCollection<string> scopes, SymbolPatterns? symbols, KeyLimits? limits,
    Credential credential, DateTimeOffset? expires, CancellationToken ended)
    : ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], scheme)
{
    public override string Name => name;

    public string Title => title;

    public IReadOnlyCollection<string> Scopes => scopes;

    public SymbolPatterns? Symbols => symbols;

    public KeyLimits? Limits => limits;

    public Credential Credential => credential;

    public CancellationToken Ended => ended;

    public DateTimeOffset? Expires => expires;

    /// <summary>Who showed a key.</summary>
    /// <param name="known">The key.</param>
    /// <param name="hash">Of the secret that was shown.</param>
    /// <param name="scheme">How it was shown.</param>
    public static Caller OfKey(KnownKey known, string hash, string scheme) => new(
        "key " + known.Key.Id, known.Key.Name, scheme, known.Key.Scopes, known.Symbols, known.Key.Limits,
        new Credential(known.Key.Id, hash), known.Key.Expires, known.Ended);

    /// <summary>Who showed a token.</summary>
    public static Caller OfToken(string subject, string[] scopes, DateTimeOffset expires, string scheme) => new(
        "token of " + subject, subject, scheme, scopes, symbols: null, limits: null,
        new Credential(Subject: subject, Scopes: scopes, Expires: expires), expires, CancellationToken.None);

    /// <summary>The caller of a request; null where nobody is asked who it is.</summary>
    public static Caller? Of(HttpContext context) => context.User.Identity as Caller;

    public bool Has(string scope) => scopes.Contains(scope);
}
