using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Radar.Api;
using Radar.Consumer;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Faults;

/// <summary>A connection string that names a database which the server does not have.</summary>
public sealed class MissingDatabaseTests
{
    public static TheoryData<string> Services() => ["api", "consumer"];

    [Theory]
    [MemberData(nameof(Services))]
    public async Task Database_that_Redis_does_not_have_is_named_in_health_and_the_service_runs_on(string service)
    {
        using var redis = EmbeddedRedis.Start();
        string[] settings =
        [
            "--urls", "http://127.0.0.1:0", "--ConnectionStrings:redis", redis.Address + ",defaultDatabase=99", "--ConnectionStrings:kafka",
            "127.0.0.1:1", "--Logging:LogLevel:Default", "None",
        ];
        await using WebApplication app = service == "api"
            ? ApiService.Build([.. settings, "--Auth:Mode", "keys"])
            : (WebApplication)ConsumerService.Build(settings);
        await app.StartAsync();
        var health = app.Services.GetRequiredService<HealthCheckService>();

        await Wait.ForAsync(
            () => health.CheckHealthAsync(),
            report => report.Entries["redis"].Description?.Contains("names 99. Name one", StringComparison.Ordinal) == true,
            report => Task.FromResult(string.Join(' ', report.Entries.Select(entry => entry.Value.Description))));
        Assert.False(app.Lifetime.ApplicationStopping.IsCancellationRequested);
        await app.StopAsync();
    }
}
