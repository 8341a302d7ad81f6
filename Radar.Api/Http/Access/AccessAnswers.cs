using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Radar.Api.Access;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Contract;

namespace Radar.Api.Http.Access;

/// <summary>Answers requests that may not be: 401 and 403 as problems, with <c>WWW-Authenticate</c>.</summary>
internal sealed class AccessAnswers(
    AccessMetrics metrics, CredentialSources sources, AccessCache cache, WrongCredentials wrong, IRequestLimit limits,
    IOptions<AuthOptions> auth)
    : IAuthorizationMiddlewareResultHandler
{
    private const string Realm = "Bearer realm=\"radar\"";

    public async Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            cache.Add(context);
            await next(context);
        }
        else if (authorizeResult.Challenged)
        {
            await ChallengeAsync(context);
        }
        else
        {
            await limits.LimitAsync(context, ForbidAsync); // a refusal costs what the answer would
        }
    }

    private async Task ChallengeAsync(HttpContext context)
    {
        var result = await context.AuthenticateAsync();
        await Problems.WriteAsync(context, result.Failure switch
        {
            null => Unauthorized(
                "no_credentials", Realm, "This needs a key or a token: send it as Authorization: Bearer …, a key also as X-Api-Key."),
            { } failure when sources.Missing(context.Request, failure) is { } detail =>
                Problems.Of(StatusCodes.Status503ServiceUnavailable, detail),
            _ when !wrong.TryCount(context) => TooMany(),
            { } failure => Unauthorized("bad_credentials", $"{Realm}, error=\"invalid_token\"", Reason(context, failure)),
        });

        Problem TooMany()
        {
            metrics.Refused("bad_credentials");
            return Problems.Of(
                StatusCodes.Status429TooManyRequests, "Too many wrong keys, tokens or tickets came from this address. Try again later.");
        }

        Problem Unauthorized(string reason, string challenge, string detail)
        {
            metrics.Refused(reason);
            context.Response.Headers.WWWAuthenticate = challenge;
            return Problems.Of(StatusCodes.Status401Unauthorized, detail);
        }
    }

    private Task ForbidAsync(HttpContext context)
    {
        metrics.Refused("scope");
        string scope = context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy ?? "";
        context.Response.Headers.WWWAuthenticate = $"{Realm}, error=\"insufficient_scope\", scope=\"{scope}\"";
        return Problems.WriteAsync(context, Problems.Of(
            StatusCodes.Status403Forbidden, $"This needs the scope {scope}, which the key or token does not have."));
    }

    /// <summary>Never what was sent.</summary>
    private string Reason(HttpContext context, Exception failure) =>
        KeyAuthentication.Sent(context.Request) is not null ? KeyAuthentication.Refusal
        : auth.Value.TakesTokens && context.Request.Headers.Authorization.Count > 0 ? ReasonOfToken(failure)
        : TicketAuthentication.IsSent(context) ? TicketAuthentication.Refusal
        : SessionCookie.IsSent(context.Request) ? SessionCookie.Refusal
        : KeyAuthentication.NoKey;

    private static string ReasonOfToken(Exception failure) => failure switch
    {
        SecurityTokenExpiredException => "The token is over. Get a new one.",
        SecurityTokenInvalidAudienceException => "The token is for another audience.",
        SecurityTokenInvalidIssuerException => "The token is of another issuer.",
        _ => "The token is not valid here.",
    };
}
