using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Radar.Market;

namespace Radar.ServiceDefaults.Tls;

/// <summary>
/// Warns once, at start, where settings of <c>Kafka:Client</c> leave out checks of the broker's certificate: whoever is between the two
/// could then read and change everything. They are allowed, since a test set-up may have no other way.
/// </summary>
internal sealed partial class UncheckedCertificates(IOptions<KafkaOptions> kafka, ILogger<UncheckedCertificates> logger) : IHostedService
{
    private const string Verification = "enable.ssl.certificate.verification", NameCheck = "ssl.endpoint.identification.algorithm";

    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (Describe(kafka.Value.Client) is { } warning)
            Unchecked(warning);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>What is not checked, and what to set instead; null where everything is.</summary>
    internal static string? Describe(IReadOnlyDictionary<string, string> client)
    {
        bool isAnybody = Find(client, Verification) is { Value: var verify }
            && verify.Trim().ToLowerInvariant() is "false" or "f" or "0"; // as librdkafka reads it
        bool isAnyName = Find(client, NameCheck) is { Value: var algorithm }
            && algorithm.Trim().Equals("none", StringComparison.OrdinalIgnoreCase);
        return isAnybody
            ? $"Kafka:Client:{Verification}=false: the certificates of brokers are not checked, so anybody can pass for one and read and "
                + "change what is sent. Remove it, and name the CA that issued them with Kafka:Client:ssl.ca.location (a PEM file)."
            : isAnyName
            ? $"Kafka:Client:{NameCheck}=none: the names in the certificates of brokers are not checked, so whoever has any certificate of "
                + "a trusted CA can pass for one. Remove it, and give each broker a certificate for the name that it advertises."
            : null;
    }

    private static KeyValuePair<string, string>? Find(IReadOnlyDictionary<string, string> client, string name)
    {
        foreach (var setting in client)
        {
            if (setting.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return setting;
        }

        return null;
    }

    [LoggerMessage(1, LogLevel.Warning, "{Warning}")]
    private partial void Unchecked(string warning);
}
