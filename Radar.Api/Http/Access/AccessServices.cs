using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
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
        services.AddAuthentication(Either)
            .AddPolicyScheme(Either, null, scheme => scheme.ForwardDefaultSelector = context =>
                !auth.TakesTokens || (auth.TakesKeys && KeyAuthentication.Sent(context.Request) is not null)
                    ? KeyAuthentication.Name
                    : TokenAuthentication.Name)
            .AddScheme<AuthenticationSchemeOptions, KeyAuthentication>(KeyAuthentication.Name, null)
            .AddJwtBearer(TokenAuthentication.Name, static _ => { });
        services.AddSingleton<IConfigureOptions<JwtBearerOptions>, TokenAuthentication>();
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
        app.UseAuthentication();
        app.UseAuthorization();
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

    private static bool IsOn(IEndpointRouteBuilder app) =>
        app.ServiceProvider.GetRequiredService<IConfiguration>().ReadEarly<AuthOptions>(AuthOptions.Section).IsOn;
}
