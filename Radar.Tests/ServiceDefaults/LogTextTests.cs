using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Radar.ServiceDefaults;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.ServiceDefaults;

/// <summary>Text of servers reaches logs escaped.</summary>
public sealed class LogTextTests
{
    private const string Shown = @"bad\u000d\u000awarn: forged\u001b[31mred\u001b[0m\u202egnp.exe\u2028\u0007end";

    [Fact]
    public void What_acts_on_a_log_or_terminal_is_escaped_and_the_rest_is_left_as_it_is()
    {
        Assert.Equal(Shown, LogText.Of(HostileText.Text));
        Assert.Equal(Shown, LogText.Line(HostileText.Text));
        Assert.Equal("币安 é – ok", LogText.Of("币安 é – ok"));
        Assert.Equal(201, LogText.Of(new string('a', 5_000)).Length);
        Assert.Equal(4_001, LogText.Line(new string('a', 5_000)).Length);
    }

    [Fact]
    public void Error_of_Redis_is_escaped()
    {
        foreach (string words in new[] { "ERR ", "NOPERM ", "READONLY " })
        {
            var fault = RedisFault.Of(new RedisServerException(default, CommandFlags.None, words + HostileText.Text));
            HostileText.AssertHarmless(fault.Detailed);
            HostileText.AssertHarmless(fault.Public);
        }

        HostileText.AssertHarmless(RedisServerWatch.Describe("a:1", $"maxmemory:5\nmaxmemory_policy:allkeys-{HostileText.OfOneLine}")!);
    }

    [Fact]
    public void Error_and_line_of_Kafka_are_escaped()
    {
        using var lines = new LogLines();
        using var services = new ServiceCollection()
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(lines)).BuildServiceProvider();

        KafkaLog.Handler(services)(null!, new LogMessage("radar", SyslogLevel.Warning, "MAXPOLL", HostileText.Text));

        Assert.Equal($"Warning: radar MAXPOLL: {Shown}", lines.Text.Trim());
        HostileText.AssertHarmless(KafkaFault.WordsOf(new Error(ErrorCode.TopicAuthorizationFailed, HostileText.Text)).Detailed);
    }

    [Fact]
    public async Task Fault_of_the_configuration_is_one_line()
    {
        var before = Console.Error;
        using var errors = new StringWriter();
        Console.SetError(errors);
        try
        {
            await ServiceRunner.GuardAsync(() => throw new ConfigurationException(HostileText.Text));
            await ServiceRunner.GuardAsync(() => throw new OptionsValidationException("", typeof(object), [HostileText.Text]));
        }
        finally
        {
            Console.SetError(before);
        }

        Assert.Equal(2, errors.ToString().Split(Environment.NewLine).Count(line => line == $"configuration: {Shown}"));
    }
}
