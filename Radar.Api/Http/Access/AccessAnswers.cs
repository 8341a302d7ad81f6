using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Policy;
using Microsoft.IdentityModel.Tokens;
using Radar.Api.Access;
using Radar.Api.Http.Answers;

namespace Radar.Api.Http.Access;

/// <summary>Answers requests that may not be: 401 and 403 as problems, with <c>WWW-Authenticate</c>.</summary>
internal sealed class AccessAnswers(AccessMetrics metrics) : IAuthorizationMiddlewareResultHandler
{
    private const string Realm = "Bearer realm=\"radar\"";

    public async Task HandleAsync(
        RequestDelegate next, HttpContext context, AuthorizationPolicy policy, PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
        {
            // What one caller may see, another may not: shared caches must not mix them.
            context.Response.Headers.Vary = "Authorization, X-Api-Key";
            await next(context);
        }
        else if (authorizeResult.Challenged)
        {
            await ChallengeAsync(context);
        }
        else
        {
            await ForbidAsync(context);
        }
    }

    private async Task ChallengeAsync(HttpContext context)
    {
        var result = await context.AuthenticateAsync();
        switch (result.Failure)
        {
            case KeysUnknownException unknown:
                await Problems.WriteAsync(context, Problems.Of(StatusCodes.Status503ServiceUnavailable, unknown.Message));
                return;
            case InvalidOperationException:
                await Problems.WriteAsync(context, Problems.Of(
                    StatusCodes.Status503ServiceUnavailable, "The issuer of the tokens does not answer with its keys. Try again."));
                return;
            case null:
                metrics.Refused("no_credentials");
                context.Response.Headers.WWWAuthenticate = Realm;
                await Problems.WriteAsync(context, Problems.Of(
                    StatusCodes.Status401Unauthorized,
                    "This needs a key or a token: send it as Authorization: Bearer …, a key also as X-Api-Key."));
                return;
            default:
                metrics.Refused("bad_credentials");
                context.Response.Headers.WWWAuthenticate = $"{Realm}, error=\"invalid_token\"";
                await Problems.WriteAsync(context, Problems.Of(StatusCodes.Status401Unauthorized, Reason(context, result.Failure)));
                return;
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
    private static string Reason(HttpContext context, Exception failure) => failure switch
    {
        _ when KeyAuthentication.Sent(context.Request) is not null => "The key is unknown, revoked or over.",
        SecurityTokenExpiredException => "The token is over. Get a new one.",
        SecurityTokenInvalidAudienceException => "The token is for another audience.",
        SecurityTokenInvalidIssuerException => "The token is of another issuer.",
        _ => "The token is not valid here.",
    };
}
