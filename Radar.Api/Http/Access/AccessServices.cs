using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;
using Radar.Api.Access;
using Radar.ServiceDefaults;

namespace Radar.Api.Http.Access;

/// <summary>Who may ask, by the framework's authentication and authorization.</summary>
internal static class AccessServices
{
    private const string Either = "radar";

    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddCheckedOptions<AuthOptions, AuthOptionsValidator>(AuthOptions.Section);
        services.AddSingleton<AccessMetrics>();
        services.AddSingleton<KeyAdministration>();
        services.AddHostedService<ListenGuard>();
        var auth = builder.Configuration.ReadEarly<AuthOptions>(AuthOptions.Section);
        if (!auth.IsOn)
            return;
        services.AddSingleton<KnownKeys>();
        if (auth.TakesKeys)
            services.AddHostedService(static provider => provider.GetRequiredService<KnownKeys>());
        services.AddSingleton<CallerStore>();
        services.AddSingleton<AccessCache>();

        // It would look for the middleware that the cache passes by; a test asks every route instead.
        services.Configure<RouteOptions>(static routes => routes.SuppressCheckForUnhandledSecurityMetadata = true);
        services.AddSingleton<WrongCredentials>();
        services.AddAuthentication(Either)
            .AddPolicyScheme(Either, null, scheme => scheme.ForwardDefaultSelector = context => SchemeOf(context, auth))
            .AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(KeyAuthentication.Name, null)
            .AddScheme<AuthenticationSchemeOptions, TicketAuthentication>(TicketAuthentication.Name, null)
            .AddCookie(SessionCookie.Name)
            .AddJwtBearer(TokenAuthentication.Name, static _ => { });
        services.AddSingleton(provider => new IssuerKeys(
            auth.MetadataOf(), needsTls: !auth.AllowHttpMetadata, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, TokenAuthentication>();
        services.AddSingleton<IConfigureOptions<CookieAuthenticationOptions>, SessionCookie>();
        services.AddDataProtection().SetApplicationName("radar");
        services.AddSingleton<SessionKeys>();
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(static provider => provider.GetRequiredService<SessionKeys>());
        services.AddSingleton<CredentialSources>();
        var policies = services.AddAuthorizationBuilder();
        foreach (string scope in Scopes.All)
        {
            policies.AddPolicy(scope, policy => policy.RequireAuthenticatedUser().RequireAssertion(
                request => request.User.Identity is Caller caller && caller.Has(scope)));
        }

        services.AddSingleton<IAuthorizationMiddlewareResultHandler, AccessAnswers>();
    }

    /// <summary>To be called after what answers errors and before what is refused.</summary>
    public static void UseAccess(this WebApplication app)
    {
        ListenGuard.Use(app, app.Configuration.ReadEarly<AuthOptions>(AuthOptions.Section));
        if (!IsOn(app))
            return;
        var cache = app.Services.GetRequiredService<AccessCache>();

        // Without these marks the framework would put both before everything else as well.
        ((IApplicationBuilder)app).Properties["__AuthenticationMiddlewareSet"] = true;
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;
        app.Use(next =>
        {
            var branch = ((IApplicationBuilder)app).New();
            branch.UseAuthentication();
            branch.UseAuthorization();
            branch.Run(next);
            var asked = branch.Build();
            return context =>
            {
                // What one caller may see, another may not: shared caches must not mix them.
                context.Response.Headers.Vary = "Authorization, Cookie, X-Api-Key";
                return cache.TryPass(context) ? next(context) : asked(context);
            };
        });
    }

    /// <summary>The routes ask for this scope, where anybody is asked.</summary>
    public static T NeedScope<T>(this T routes, IEndpointRouteBuilder app, string scope)
        where T : IEndpointConventionBuilder
    {
        if (IsOn(app))
            routes.RequireAuthorization(scope);
        return routes;
    }

    /// <summary>Whether a request may see everything of the service's own state.</summary>
    public static bool IsAdmin(HttpContext context) =>
        !context.RequestServices.GetRequiredService<IOptions<AuthOptions>>().Value.IsOn || Caller.Of(context)?.Has(Scopes.Admin) == true;

    /// <summary>Whether anybody is asked who it is.</summary>
    public static bool IsOn(IEndpointRouteBuilder app) =>
        app.ServiceProvider.GetRequiredService<IConfiguration>().ReadEarly<AuthOptions>(AuthOptions.Section).IsOn;

    /// <summary>What a request shows; a header counts before a ticket, and that before a session.</summary>
    private static string SchemeOf(HttpContext context, AuthOptions auth) =>
        auth.TakesKeys && KeyAuthentication.Sent(context.Request) is not null ? KeyAuthentication.Name
        : auth.TakesTokens && context.Request.Headers.Authorization.Count > 0 ? TokenAuthentication.Name
        : TicketAuthentication.IsSent(context) ? TicketAuthentication.Name
        : SessionCookie.IsSent(context.Request) ? SessionCookie.Name
        : KeyAuthentication.Name;
}
