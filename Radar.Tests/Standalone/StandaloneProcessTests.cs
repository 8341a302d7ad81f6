using System.Diagnostics;
using Radar.Tests.Fixtures;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Radar.Tests.Standalone;

/// <summary>The program as a person starts it.</summary>
public sealed class StandaloneProcessTests
{
    [Fact]
    public async Task Port_that_is_taken_is_one_line_and_exit_code_2()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (exitCode, errors) = await RunAsync("--urls", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"));

        Assert.Equal(2, exitCode);
        string line = Assert.Single(errors);
        Assert.Contains($"http://127.0.0.1:{port}: address already in use. Choose another with --urls", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_of_Redis_that_is_taken_is_one_line_and_exit_code_2()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (exitCode, errors) = await RunAsync("--redis-port", port.ToString(CultureInfo.InvariantCulture));

        Assert.Equal(2, exitCode);
        Assert.StartsWith($"configuration: --redis-port {port} cannot be used", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--path no-such-file", "no-such-file")]
    [InlineData("--Producer:Foo=1", "there is no setting 'Foo'")]
    [InlineData("--kafka-home .", "holds no Apache Kafka")]
    [InlineData("--Kafka:Partitions=many", "'many'")]
    [InlineData("--Consumer:CommitIntervalMs=often", "'often'")]
    [InlineData("--Kafka:Client:sesion.timeout.ms=6000", "Kafka:Client: No such configuration property: \"sesion.timeout.ms\"")]
    [InlineData("--Kafka:Client:client.dns.lookup=some", "Kafka:Client: Invalid value")]
    [InlineData("--Kafka:DeadLetterTopic=market-ticks", "Kafka:DeadLetterTopic is the topic itself")]
    public async Task Mistake_in_a_setting_is_one_line_and_exit_code_2(string arguments, string said)
    {
        var (exitCode, errors) = await RunAsync(["--urls", "http://127.0.0.1:0", .. arguments.Split(' ')]);

        Assert.Equal(2, exitCode);
        Assert.Contains(said, Assert.Single(errors, line => line != "--help lists all options."), StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string[] Errors)> RunAsync(params string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Radar.Standalone.dll");
        var info = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(info)!;
        using var deadline = new CancellationTokenSource(Wait.Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
            string errors = await process.StandardError.ReadToEndAsync(deadline.Token);
            Assert.DoesNotContain("crit:", await output, StringComparison.Ordinal);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, errors.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        }
        finally
        {
            process.Kill();
        }
    }
}
