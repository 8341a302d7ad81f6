using System.Security.Claims;
using Radar.Api.Access;

namespace Radar.Api.Http.Access;

/// <summary>Who asks, where that is asked for.</summary>
/// <param name="name">The key's id or the token's subject; for logs.</param>
/// <param name="scheme">How it was found out.</param>
/// <param name="scopes">What it may do.</param>
/// <param name="symbols">What it may see; null is every symbol.</param>
/// <param name="ended">Cancelled when the key is revoked or over.</param>
/// <param name="expires">When the token ends; null is never, or told by <paramref name="ended"/>.</param>
internal sealed class Caller(
    string name, string scheme, IReadOnlyCollection<string> scopes, SymbolPatterns? symbols, CancellationToken ended,
    DateTimeOffset? expires = null) : ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, name)], scheme)
{
    public override string Name => name;

    public SymbolPatterns? Symbols => symbols;

    public CancellationToken Ended => ended;

    public DateTimeOffset? Expires => expires;

    /// <summary>The caller of a request; null where nobody is asked who it is.</summary>
    public static Caller? Of(HttpContext context) => context.User.Identity as Caller;

    public bool Has(string scope) => scopes.Contains(scope);
}
