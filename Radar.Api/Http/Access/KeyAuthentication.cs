using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Radar.Api.Access;

namespace Radar.Api.Http.Access;

/// <summary>Takes keys: <c>Authorization: Bearer rk_…</c> or <c>X-Api-Key: rk_…</c>.</summary>
internal sealed class KeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, KnownKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string Name = "key";

    private const string Header = "X-Api-Key";
    private const string Bearer = "Bearer ";

    /// <summary>The key that a request carries; null where it carries none.</summary>
    public static string? Sent(HttpRequest request) =>
        request.Headers[Header] is [{ Length: > 0 } key] ? key
        : request.Headers.Authorization is [{ } value] && value.StartsWith(Bearer + KeySecret.Prefix, StringComparison.OrdinalIgnoreCase)
            ? value[Bearer.Length..]
        : null;

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    private AuthenticateResult Authenticate()
    {
        if (Sent(Request) is not { } sent)
            return AuthenticateResult.NoResult();
        if (!keys.IsLoaded)
            return AuthenticateResult.Fail(new KeysUnknownException());
        if (!KeySecret.TryParse(sent, out var secret) || keys.Find(secret) is not { } known)
            return AuthenticateResult.Fail("The key is unknown, revoked or over.");
        var caller = new Caller("key " + known.Key.Id, Name, known.Key.Scopes, known.Symbols, known.Ended);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(caller), Name));
    }
}

/// <summary>The keys could not be read from Redis yet.</summary>
internal sealed class KeysUnknownException() : Exception("The keys are being read from Redis. Try again.");
