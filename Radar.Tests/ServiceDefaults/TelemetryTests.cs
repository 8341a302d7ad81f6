using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Radar.ServiceDefaults;

namespace Radar.Tests.ServiceDefaults;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Instance_id_that_the_orchestrator_gave_is_the_services()
    {
        var attributes = await AttributesAsync("--OTEL_SERVICE_NAME=api", "--OTEL_RESOURCE_ATTRIBUTES=service.instance.id=replica-2");

        Assert.Equal("api", attributes["service.name"]);
        Assert.Equal("replica-2", attributes["service.instance.id"]);
    }

    [Fact]
    public async Task Service_without_a_name_is_called_as_its_telemetry_and_has_an_id_of_its_own()
    {
        var attributes = await AttributesAsync();

        Assert.Equal("Radar.Named", attributes["service.name"]);
        Assert.True(Guid.TryParse((string)attributes["service.instance.id"], out _));
    }

    private static async Task<Dictionary<string, object>> AttributesAsync(params string[] settings)
    {
        var builder = WebApplication.CreateBuilder(["--OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:1", .. settings]);
        builder.AddServiceDefaults("Radar.Named");
        await using var app = builder.Build();
        return app.Services.GetRequiredService<TracerProvider>().GetResource().Attributes.ToDictionary();
    }
}
