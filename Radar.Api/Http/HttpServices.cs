using Radar.Api.Access;
using Radar.Api.Http.Access;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Control;
using Radar.Api.Http.Endpoints;
using Radar.Api.Http.Limits;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Page;
using Radar.Api.Http.Streams;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Control;
using Radar.ServiceDefaults.Operations;

namespace Radar.Api.Http;

internal static class HttpServices
{
    /// <summary>Everything that answers HTTP.</summary>
    public static void AddHttp(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddExceptionHandler<FailureHandler>();
        services.AddCorsPolicy();
        services.AddProxies();
        builder.AddAccess();
        services.AddRequestLimits();
        services.AddSingleton<SymbolAccess>();
        services.AddSingleton<FreshnessGuard>();
        services.AddSingleton<SpellingGuard>();
        services.AddSingleton<UnknownSymbols>();
        services.AddSingleton<SymbolRequests>();
        services.AddSingleton<SymbolPages>();
        services.AddSingleton<ListRequests>();
        services.AddSingleton<CompatibleEndpoints>();
        services.AddSingleton<SymbolEndpoints>();
        services.AddSingleton<TickerEndpoints>();
        services.AddSingleton<SnapshotEndpoints>();
        services.AddSingleton<MoverEndpoints>();
        services.AddSingleton<TradeEndpoints>();
        services.AddSingleton<BarEndpoints>();
        services.AddSingleton<StreamEndpoint>();
        LagEndpoint.AddToOperations(services);
        services.AddApiDocument();
        builder.AddApiControl();
    }

    public static void MapHttp(this WebApplication app)
    {
        app.UseProxies();
        app.UseDrain();
        app.UseSecurityHeaders();
        app.UseProblems();
        app.UseCorsPolicy();
        app.UseAccess();
        app.UseRequestLimits();
        app.MapDefaultEndpoints(AccessServices.IsAdmin);
        app.MapControl(ApiControl.Map);
        KeyEndpoints.Map(app, app.MapGroup("").WithCost(RequestCost.Usual));
        SessionEndpoints.Map(app);
        CompatibleEndpoints.Map(app.MapGroup("").NeedScope(app, Scopes.Read).WithCost(RequestCost.Usual));
        MapMarket(app.MapGroup("/api/v2").WithTags("v2").WithHead().NeedScope(app, Scopes.Read).WithCost(RequestCost.Usual));
        LagEndpoint.Map(app.MapGroup("").NeedScope(app, Scopes.Read).WithCost(RequestCost.Usual));
        DeadLetterEndpoint.Map(app.MapGroup("").NeedScope(app, Scopes.Admin).WithCost(RequestCost.Usual));
        StreamEndpoint.Map(app);
        TicketEndpoint.Map(app);
        app.MapApiDocument();
        PageEndpoint.Map(app);
    }

    private static void MapMarket(IEndpointRouteBuilder v2)
    {
        SymbolEndpoints.Map(v2);
        TickerEndpoints.Map(v2);
        SnapshotEndpoints.Map(v2);
        MoverEndpoints.Map(v2);
        TradeEndpoints.Map(v2);
        BarEndpoints.Map(v2);
    }
}
