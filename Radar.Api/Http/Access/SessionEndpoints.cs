using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Radar.Api.Access;
using Radar.Api.Http.Answers;

namespace Radar.Api.Http.Access;

/// <summary><c>/session</c>: how the page signs in, knows what it may see, and signs out.</summary>
internal static class SessionEndpoints
{
    private const string Path = "/session";

    public static void Map(WebApplication app)
    {
        app.MapGet(Path, ShowAsync).ExcludeFromDescription().WithHead();
        if (!AccessServices.IsOn(app))
            return;
        app.MapPost(Path, SignInAsync).ExcludeFromDescription().RequireAuthorization();
        app.MapDelete(Path, SignOutAsync).ExcludeFromDescription();
    }

    private static async Task<IResult> ShowAsync(HttpContext context, IOptions<AuthOptions> auth)
    {
        var caller = Caller.Of(context);
        if (caller is null && auth.Value.IsOn && (await context.AuthenticateAsync()).Failure is { } failure
            && context.RequestServices.GetRequiredService<CredentialSources>().Missing(context.Request, failure) is { } detail)
            return Problems.Unavailable(detail);
        return Answer(context, auth.Value, caller);
    }

    /// <summary>With a key or a token in the usual header, so that neither needs a place of its own in a body.</summary>
    private static async Task<IResult> SignInAsync(HttpContext context, IOptions<AuthOptions> auth, TimeProvider time)
    {
        if (Caller.Of(context) is not { } caller || caller.AuthenticationType == SessionCookie.Name)
            return Problems.BadParameter("Authorization", "Signing in takes a key or a token: send it as Authorization: Bearer ….");
        var end = time.GetUtcNow().AddHours(auth.Value.SessionHours);
        await context.SignInAsync(SessionCookie.Name, SessionCookie.PrincipalOf(caller), new AuthenticationProperties
        {
            IsPersistent = true,
            ExpiresUtc = caller.Expires < end ? caller.Expires : end,
        });
        return Answer(context, auth.Value, caller);
    }

    private static async Task SignOutAsync(HttpContext context)
    {
        await context.SignOutAsync(SessionCookie.Name);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static IResult Answer(HttpContext context, AuthOptions auth, Caller? caller)
    {
        context.Response.Headers.CacheControl = "no-store";
        string[]? symbols = caller?.Symbols is { } patterns ? [.. patterns.Texts] : null;
        var shown = caller is null ? null : new SessionCaller(caller.Title, [.. caller.Scopes], symbols, caller.Expires);
        return Results.Json(new Session(auth.Mode ?? "none", shown), SessionBodies.Default.Session);
    }
}

/// <summary>Whom the API knows.</summary>
/// <param name="Auth">The value of <see cref="AuthOptions.Mode"/>.</param>
/// <param name="Caller">Null where nobody is signed in.</param>
internal sealed record Session(string Auth, SessionCaller? Caller);

/// <summary>Who is signed in.</summary>
/// <param name="Name">The key's name or the token's subject.</param>
/// <param name="Scopes">What it may do.</param>
/// <param name="Symbols">Patterns of what it may see; null is every symbol.</param>
/// <param name="Expires">When the key or token ends; null is never.</param>
internal sealed record SessionCaller(string Name, string[] Scopes, string[]? Symbols, DateTimeOffset? Expires);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Session))]
internal sealed partial class SessionBodies : JsonSerializerContext;
