using Radar.Market;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Control;

namespace Radar.Api.Http.Control;

/// <summary>The API's control endpoint: <c>/control/verify</c>.</summary>
internal static class ApiControl
{
    public static WebApplicationBuilder AddApiControl(this WebApplicationBuilder builder)
    {
        builder.AddControl();
        builder.Services.AddCheckedOptions<ProjectionOptions, ProjectionOptionsValidator>(ProjectionOptions.Section);
        builder.Services.AddSingleton<LogReader>();
        builder.Services.AddSingleton<Verification>();
        return builder;
    }

    public static void Map(ControlGroup control) => control.Post("/verify", static async (context, cancellation) =>
        await context.RequestServices.GetRequiredService<Verification>()
            .VerifyAsync(await ControlGroup.ReadAsync<VerifyRequest>(context, cancellation), cancellation));
}
