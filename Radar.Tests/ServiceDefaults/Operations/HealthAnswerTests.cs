using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.ServiceDefaults.Operations;

namespace Radar.Tests.ServiceDefaults.Operations;

public sealed class HealthAnswerTests
{
    [Fact]
    public void Line_has_what_is_not_healthy_the_worst_first() => Assert.Equal(
        "redis: Redis is away | board: The board is not whole | lag: 5 messages behind",
        Describe(("self", Healthy(null)), ("lag", Degraded("5 messages behind")), ("redis", Unhealthy("Redis is away")), (
            "kafka", Healthy("Kafka answers")), ("board", Degraded("The board is not whole"))));

    [Fact]
    public void Line_of_a_healthy_service_has_what_its_checks_say() => Assert.Equal(
        "kafka: Kafka answers | lag: 0 messages behind",
        Describe(("self", Healthy(null)), ("lag", Healthy("0 messages behind")), ("kafka", Healthy("Kafka answers"))));

    private static HealthCheckResult Healthy(string? description) => HealthCheckResult.Healthy(description);

    private static HealthCheckResult Degraded(string description) => HealthCheckResult.Degraded(description);

    private static HealthCheckResult Unhealthy(string description) => HealthCheckResult.Unhealthy(description);

    private static string Describe(params (string Name, HealthCheckResult Result)[] checks) => HealthAnswer.Describe(new HealthReport(
        checks.ToDictionary(
            check => check.Name,
            check => new HealthReportEntry(check.Result.Status, check.Result.Description, TimeSpan.Zero, null, check.Result.Data)),
        TimeSpan.Zero));
}
