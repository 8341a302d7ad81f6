using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Radar.Api.Access;

namespace Radar.Api.Http.Access;

/// <summary>Takes keys: <c>Authorization: Bearer rk_…</c> or <c>X-Api-Key: rk_…</c>.</summary>
internal sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, CallerStore callers)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string Name = "key";

    /// <summary>Why a key is refused.</summary>
    public const string Refusal = "The key is unknown, revoked or over.";

    /// <summary>Why the header <c>Authorization</c> is refused where only keys are taken, and it carries none.</summary>
    public const string NoKey = "The header Authorization carries no key of Radar, which begins with rk_.";

    private const string HeaderName = "X-Api-Key";
    private const string Bearer = "Bearer ";

    /// <summary>The value of the header in which a request carries a key; null where it carries none.</summary>
    public static string? Header(HttpRequest request) =>
        request.Headers[HeaderName] is [{ Length: > 0 } key] ? key
        : request.Headers.Authorization is [{ } value] && value.StartsWith(Bearer + KeySecret.Prefix, StringComparison.OrdinalIgnoreCase)
            ? value
        : null;

    /// <summary>The key that a request carries; null where it carries none.</summary>
    public static string? Sent(HttpRequest request) =>
        Header(request) is not { } value ? null
        : value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? value[Bearer.Length..] : value;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    private AuthenticateResult Authenticate()
    {
        if (Sent(Request) is not { } sent)
            return Request.Headers.Authorization.Count > 0 ? AuthenticateResult.Fail(NoKey) : AuthenticateResult.NoResult();
        return KeySecret.TryParse(sent, out var secret) && callers.Find(new Credential(secret.Id, secret.Hash()), Name) is { } caller
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(caller), Name))
            : AuthenticateResult.Fail(Refusal);
    }
}
