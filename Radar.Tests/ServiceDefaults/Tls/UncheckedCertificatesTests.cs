using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Radar.Api;
using Radar.ServiceDefaults.Tls;
using Radar.Tests.Fixtures;

namespace Radar.Tests.ServiceDefaults.Tls;

public sealed class UncheckedCertificatesTests
{
    [Fact]
    public async Task Brokers_whose_certificates_are_not_checked_are_allowed_with_one_warning_at_the_start()
    {
        using var lines = new LogLines();
        await using WebApplication api = ApiService.Build(
            ["--urls=http://127.0.0.1:0", "--Logging:Console:LogLevel:Default=None", "--ConnectionStrings:redis=127.0.0.1:1",
                "--ConnectionStrings:kafka=127.0.0.1:2", "--Kafka:Client:security.protocol=SSL",
                "--Kafka:Client:enable.ssl.certificate.verification=false"]);
        api.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
        await api.StartAsync();
        await api.StopAsync();

        string warning = Assert.Single(
            lines.Lines, static line => line.Contains("certificates of brokers are not checked", StringComparison.Ordinal));
        Assert.StartsWith("Warning: Kafka:Client:enable.ssl.certificate.verification=false", warning, StringComparison.Ordinal);
        Assert.Contains("Kafka:Client:ssl.ca.location", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("enable.ssl.certificate.verification", "false", "Kafka:Client:ssl.ca.location")]
    [InlineData("enable.ssl.certificate.verification", "F", "Kafka:Client:ssl.ca.location")]
    [InlineData("Enable.Ssl.Certificate.Verification", "0", "Kafka:Client:ssl.ca.location")]
    [InlineData("enable.ssl.certificate.verification", "true", null)]
    [InlineData("ssl.endpoint.identification.algorithm", "None", "a certificate for the name that it advertises")]
    [InlineData("ssl.endpoint.identification.algorithm", "https", null)]
    [InlineData("ssl.ca.location", "none", null)]
    public void Check_that_is_left_out_is_named_with_the_mend(string setting, string value, string? mend)
    {
        string? warning = UncheckedCertificates.Describe(new Dictionary<string, string> { [setting] = value });

        Assert.Equal(mend is not null, warning is not null);
        if (warning is not null)
        {
            Assert.Contains($"Kafka:Client:{setting}=", warning, StringComparison.OrdinalIgnoreCase);
            Assert.Contains(mend!, warning, StringComparison.Ordinal);
        }
    }
}
