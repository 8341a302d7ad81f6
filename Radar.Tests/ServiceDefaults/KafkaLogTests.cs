using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Radar.ServiceDefaults;
using Radar.Tests.Fixtures;

namespace Radar.Tests.ServiceDefaults;

public sealed class KafkaLogTests
{
    [Theory]
    [InlineData(SyslogLevel.Warning, "MAXPOLL", "Warning: radar#consumer-1 MAXPOLL: Application maximum poll interval exceeded")]
    [InlineData(SyslogLevel.Warning, "COMMITFAIL", "Information: radar#consumer-1 COMMITFAIL: Application maximum poll interval exceeded")]
    [InlineData(SyslogLevel.Error, "FAIL", "Debug: radar#consumer-1 FAIL: Application maximum poll interval exceeded")]
    public void Line_has_the_level_of_what_it_reports(SyslogLevel level, string facility, string expected)
    {
        using var lines = new LogLines();
        using var services = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(lines)).BuildServiceProvider();

        KafkaLog.Handler(services)(
            null!, new LogMessage("radar#consumer-1", level, facility, "Application maximum poll interval exceeded"));

        Assert.Equal(expected, lines.Text.Trim());
    }

    [Theory]
    [InlineData(
        "Failed to acquire idempotence PID: Broker: Coordinator load in progress: retrying", "Information: p GETPID: Failed to acquire")]
    [InlineData("Failed to acquire idempotence PID: Broker: Cluster authorization failed", "Warning: p GETPID: Failed to acquire")]
    public void Producer_that_asks_a_starting_broker_again_is_no_warning(string text, string expected)
    {
        using var lines = new LogLines();
        using var services = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(lines)).BuildServiceProvider();

        KafkaLog.Handler(services)(null!, new LogMessage("p", SyslogLevel.Warning, "GETPID", text));

        Assert.StartsWith(expected, lines.Text.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public void Commits_that_fail_one_after_the_other_are_one_line_in_thirty_seconds()
    {
        var time = new FakeTimeProvider();
        using var lines = new LogLines();
        using var services = new ServiceCollection().AddSingleton<TimeProvider>(time)
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Information).AddProvider(lines)).BuildServiceProvider();
        var handler = KafkaLog.Handler(services);

        for (int attempt = 0; attempt < 100; attempt++)
            handler(null!, new LogMessage("c", SyslogLevel.Warning, "COMMITFAIL", "Unknown member"));
        Assert.Single(lines.Text.Trim().Split('\n'));
        time.Advance(TimeSpan.FromSeconds(30));
        handler(null!, new LogMessage("c", SyslogLevel.Warning, "COMMITFAIL", "Unknown member"));

        Assert.Equal(2, lines.Text.Trim().Split('\n').Length);
    }

    [Fact]
    public void Line_of_a_client_that_is_still_being_made_is_logged()
    {
        using var services = new ServiceCollection().AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace)).BuildServiceProvider();
        var handler = KafkaLog.Handler(services);

        // An exception here would reach a thread of librdkafka and end the process.
        handler(null!, new LogMessage("radar#producer-1", SyslogLevel.Error, "FAIL", "Connection refused"));
    }
}
