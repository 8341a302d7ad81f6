using Microsoft.Extensions.Options;
using Radar.Api.Access;
using Radar.Market.Store;

namespace Radar.Api.Http.Access;

/// <summary>What credentials are checked with: keys, tickets and the keys of sessions in Redis, the keys of a tokens' issuer.</summary>
internal sealed class CredentialSources(KnownKeys keys, SessionKeys sessions, IOptions<AuthOptions> auth)
{
    /// <summary>
    /// Which of them is missing, so that a credential may be good that was not taken, in a sentence; null where that is not the reason.
    /// </summary>
    public string? Missing(HttpRequest request, Exception failure) => failure switch
    {
        _ when auth.Value.TakesKeys && !keys.IsLoaded => "The keys are being read from Redis. Try again.",
        _ when StoreFaults.IsAway(failure) => "Redis does not answer, where the tickets are. Try again.",
        _ when sessions.AreAway && SessionCookie.IsSent(request) => SessionKeys.Away,
        InvalidOperationException => "The issuer of the tokens does not answer with its keys. Try again.",
        _ => null,
    };
}
