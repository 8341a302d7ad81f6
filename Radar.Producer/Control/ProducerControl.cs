using Radar.ServiceDefaults.Control;

namespace Radar.Producer.Control;

/// <summary>The producer's control endpoints: <c>/control/rate</c>, <c>/control/inject</c> and <c>/control/replay</c>.</summary>
internal static class ProducerControl
{
    public static WebApplicationBuilder AddProducerControl(this WebApplicationBuilder builder)
    {
        builder.AddControl();
        builder.Services.AddSingleton<PoisonInjector>();
        builder.Services.AddSingleton<ReplayUploads>();
        builder.Services.AddHostedService(services => services.GetRequiredService<ReplayUploads>());
        return builder;
    }

    public static void Map(ControlGroup control) => control
        .Post("/rate", static async (context, cancellation) => RateControl.Set(
            await ControlGroup.ReadAsync<RateRequest>(context, cancellation), context.RequestServices.GetService<ITickSource>()))
        .Post("/inject", static async (context, cancellation) => await context.RequestServices.GetRequiredService<PoisonInjector>()
            .InjectAsync((await ControlGroup.ReadAsync<InjectRequest>(context, cancellation)).Kind, cancellation))
        .Post("/replay", static (context, cancellation) =>
            context.RequestServices.GetRequiredService<ReplayUploads>().ReplayAsync(context, cancellation));
}
