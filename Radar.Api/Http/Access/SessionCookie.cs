using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.Extensions.Options;
using Radar.Api.Access;

namespace Radar.Api.Http.Access;

/// <summary>
/// The page's sign-in, by the framework's cookie: encrypted, not for scripts, not sent from other sites. It counts as long as the key or
/// token that it was made with.
/// </summary>
internal sealed class SessionCookie(CallerStore callers, TimeProvider time)
    : IConfigureNamedOptions<CookieAuthenticationOptions>
{
    public const string Name = "session";

    /// <summary>Why a session is refused.</summary>
    public const string Refusal = "The session is over. Sign in again.";

    private const string CookieName = "radar-session";
    private const string CredentialClaim = "credential";

    /// <summary>Whether a request carries one that may be used: what changes something only from the API's own page.</summary>
    public static bool IsSent(HttpRequest request) => request.Cookies.ContainsKey(CookieName)
        && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || IsSameOrigin(request));

    /// <summary>What the cookie has of a caller.</summary>
    public static ClaimsPrincipal PrincipalOf(Caller caller) =>
        new(new ClaimsIdentity([new Claim(CredentialClaim, caller.Credential.Format())], Name));

    public void Configure(CookieAuthenticationOptions options) => Configure(Name, options);

    public void Configure(string? name, CookieAuthenticationOptions options)
    {
        if (name != Name)
            return;
        options.TimeProvider = time;
        options.Cookie.Name = CookieName;
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Strict;
        options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest; // on this machine there is no TLS
        options.SlidingExpiration = false;
        options.Events = new CookieAuthenticationEvents
        {
            OnValidatePrincipal = context =>
            {
                var credential = Credential.TryParse(context.Principal?.FindFirstValue(CredentialClaim));
                if (callers.Find(credential, Name) is { } caller)
                    context.ReplacePrincipal(new ClaimsPrincipal(caller));
                else
                    context.RejectPrincipal();
                return Task.CompletedTask;
            },
        };
    }

    /// <summary>By what browsers say of a request's origin and no page can change.</summary>
    private static bool IsSameOrigin(HttpRequest request) => request.Headers["Sec-Fetch-Site"] is [{ } site]
        ? site == "same-origin"
        : request.Headers.Origin is [{ } origin] && origin == $"{request.Scheme}://{request.Host}";
}
