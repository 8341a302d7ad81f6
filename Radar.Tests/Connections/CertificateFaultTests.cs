using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Radar.Api;
using Radar.ServiceDefaults;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Connections;

/// <summary>Servers whose certificate does not fit: log and health say what is wrong with it and where the mend goes.</summary>
public sealed class CertificateFaultTests : IDisposable
{
    private const string Secret = "hunter2";

    private readonly TestAuthority _authority = new();
    private readonly TestAuthority _other = new();

    public enum Wrong
    {
        Issuer,
        Name,
        Time,
    }

    [Theory]
    [InlineData(Wrong.Issuer, "of an issuer that is not trusted, CN=radar test CA: the certificate of that CA goes into Redis:CaFile")]
    [InlineData(Wrong.Name, "is for elsewhere.example, not for 127.0.0.1: write one of these names into ConnectionStrings:redis")]
    [InlineData(Wrong.Time, "UTC, and not now, or that of its issuer is not: renew it there")]
    public async Task Certificate_of_Redis_that_does_not_fit_is_named_in_the_log_and_in_health(Wrong wrong, string expected)
    {
        await using var server = new TlsListener(CertificateWith(wrong));

        await SaysAsync(
            "Redis", $"Redis at {server.Address} does not answer", expected, $"--Redis:CaFile={_authority.CaFile}",
            $"--ConnectionStrings:redis=rediss://radar:{Secret}@{server.Address}?connectTimeout=2000",
            "--ConnectionStrings:kafka=127.0.0.1:2");
    }

    [Fact]
    public async Task Redis_that_does_not_answer_the_TLS_handshake_is_named_with_what_it_may_need()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();

        await SaysAsync(
            "Redis", $"Redis at {server.LocalEndpoint} does not answer", "no server showed a certificate; one without TLS needs redis://",
            $"--ConnectionStrings:redis=rediss://radar:{Secret}@{server.LocalEndpoint}?connectTimeout=500",
            "--ConnectionStrings:kafka=127.0.0.1:2");
    }

    [Theory]
    [InlineData(Wrong.Issuer, "of an issuer that is not trusted, CN=radar test CA: the certificate of that CA goes into Kafka:Client:")]
    [InlineData(Wrong.Name, "is for elsewhere.example, not for 127.0.0.1: give the broker a certificate for the name that it advertises")]
    [InlineData(Wrong.Time, "UTC, and not now, or that of its issuer is not: renew it there")]
    public async Task Certificate_of_Kafka_that_does_not_fit_is_named_in_the_log_and_in_health(Wrong wrong, string expected)
    {
        await using var server = new TlsListener(CertificateWith(wrong));

        await SaysAsync(
            "Kafka", $"Kafka at {server.Address} does not answer", expected, "--ConnectionStrings:redis=127.0.0.1:1",
            $"--ConnectionStrings:kafka={server.Address}", "--Kafka:Client:security.protocol=SASL_SSL",
            "--Kafka:Client:sasl.mechanism=SCRAM-SHA-512", "--Kafka:Client:sasl.username=radar", $"--Kafka:Client:sasl.password={Secret}",
            $"--Kafka:Client:ssl.ca.location={_authority.CaFile}");
    }

    [Theory]
    [InlineData("127.0.0.1:1,ssl=true", "--Redis:CaFile=missing.pem", "Redis:CaFile names missing.pem", "there is no such file")]
    [InlineData("127.0.0.1:1", "--Redis:CaFile=missing.pem", "ConnectionStrings:redis uses no TLS", "rediss://")]
    [InlineData("127.0.0.1:1,ssl=true", "--Redis:ClientKeyFile=a.key", "Redis:ClientKeyFile is set without", "ClientCertificateFile")]
    [InlineData("127.0.0.1:1,ssl=true", "--Redis:CaFiles=a.pem", "CaFiles", "CaFile")]
    public async Task Certificates_that_cannot_be_used_stop_the_start(string redis, string setting, string what, string mend)
    {
        await using var api = Build($"--ConnectionStrings:redis={redis}", "--ConnectionStrings:kafka=127.0.0.1:2", setting);

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => ServiceRunner.StartAsync(api, CancellationToken.None));

        Assert.Contains(what, refused.Message, StringComparison.Ordinal);
        Assert.Contains(mend, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_that_is_no_certificate_stops_the_start()
    {
        await using var api = Build(
            "--ConnectionStrings:redis=127.0.0.1:1,ssl=true", "--ConnectionStrings:kafka=127.0.0.1:2",
            $"--Redis:CaFile={_authority.Issue().KeyFile}");

        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => ServiceRunner.StartAsync(api, CancellationToken.None));

        Assert.Contains("it holds something else", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _authority.Dispose();
        _other.Dispose();
    }

    private IssuedCertificate CertificateWith(Wrong wrong) => wrong switch
    {
        Wrong.Issuer => _other.Issue(),
        Wrong.Name => _authority.IssueFor("elsewhere.example"),
        _ => _authority.IssueOutdated(),
    };

    private static WebApplication Build(params string[] args) =>
        ApiService.Build(["--urls=http://127.0.0.1:0", "--Logging:Console:LogLevel:Default=None", .. args]);

    private static async Task SaysAsync(string server, string begin, string expected, params string[] settings)
    {
        using var lines = new LogLines();
        await using var host = Build(settings);
        host.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await host.StartAsync();
        string[] Lines() => [.. lines.Text.Split('\n').Where(line => line.Contains(begin, StringComparison.Ordinal)
            && line.StartsWith("Warning", StringComparison.Ordinal))];

        await Wait.ForAsync(
            () => Task.FromResult(Lines()), found => Array.Exists(found, line => line.Contains(expected, StringComparison.Ordinal)),
            _ => Task.FromResult(server + " is named: " + lines.Text));
        using var http = new HttpClient { BaseAddress = new Uri(host.Urls.Single()) };
        string health = await Wait.ForAsync(
            () => HealthAsync(http),
            text => text.Contains(expected, StringComparison.Ordinal), text => Task.FromResult($"{expected}: {text}\n{lines.Text}"));
        await host.StopAsync();

        Assert.DoesNotContain(Secret, lines.Text + health, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", lines.Text, StringComparison.Ordinal);
    }

    private static async Task<string> HealthAsync(HttpClient http)
    {
        using var answer = await http.GetAsync(new Uri("/health", UriKind.Relative));
        return string.Join('\n', Texts(JsonNode.Parse(await answer.Content.ReadAsStringAsync())));
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject parts => parts.SelectMany(part => Texts(part.Value)),
        JsonArray items => items.SelectMany(Texts),
        null => [],
        _ => [node.ToString()],
    };
}
