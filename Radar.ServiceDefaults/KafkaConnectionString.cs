using System.Globalization;

namespace Radar.ServiceDefaults;

/// <summary>
/// A Kafka connection string: bootstrap servers, <c>host:port,host:port</c>. Credentials are settings, in <c>Kafka:Client</c>.
/// </summary>
public static class KafkaConnectionString
{
    private const int DefaultPort = 9092;

    private const string Elsewhere =
        "credentials and other settings of the client are Kafka:Client:<name>, such as Kafka:Client:sasl.password.";

    private static readonly string[] Protocols = ["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"];

    /// <summary>Checks a connection string.</summary>
    /// <returns>The same, which is then fit to be shown.</returns>
    /// <exception cref="FormatException">It is something else; the message says what to change, and quotes nothing of it.</exception>
    public static string Check(string text)
    {
        string[] servers = text.Split(',', StringSplitOptions.TrimEntries);
        for (int i = 0; i < servers.Length; i++)
        {
            int protocol = servers[i].IndexOf("://", StringComparison.Ordinal);
            if ((protocol >= 0 && !Protocols.Contains(servers[i][..protocol].ToLowerInvariant()))
                || HostPort.Read(protocol < 0 ? servers[i] : servers[i][(protocol + 3)..], DefaultPort) is null)
            {
                throw new FormatException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"part {i + 1} is not host:port. Several brokers are separated by commas; {Elsewhere}"));
            }
        }

        return text;
    }
}
