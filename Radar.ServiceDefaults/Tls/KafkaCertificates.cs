using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace Radar.ServiceDefaults.Tls;

/// <summary>
/// Says what is wrong with the certificate of a broker that librdkafka does not trust: its own lines do not. So the broker is connected to
/// once more, and its certificate looked at.
/// </summary>
/// <param name="client">librdkafka's settings.</param>
internal sealed partial class KafkaCertificates(IReadOnlyDictionary<string, string> client)
{
    private const string CaFile = "ssl.ca.location", CaText = "ssl.ca.pem";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly CertificateCheck _check = new(
        Cas(client), new TlsSettings("Kafka:Client:" + CaFile, "give the broker a certificate for the name that it advertises"));

    /// <summary>What is wrong; null where that does not show.</summary>
    /// <param name="line">Of librdkafka, about a connection that failed.</param>
    public async Task<string?> FaultAsync(string line)
    {
        if (Broker().Match(line) is not { Success: true } broker || IsDirectory(client))
            return null;
        try
        {
            using var limit = new CancellationTokenSource(Limit);
            using var socket = new TcpClient();
            string host = broker.Groups["host"].Value.Trim('[', ']');
            await socket.ConnectAsync(host, int.Parse(broker.Groups["port"].ValueSpan), limit.Token);
            await using var stream = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, _check.IsTrusted);
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = host }, limit.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            // That it is refused is expected; what was found meanwhile is the answer.
        }

        return _check.Fault;
    }

    private static Func<X509Certificate2Collection>? Cas(IReadOnlyDictionary<string, string> client)
    {
        if (client.TryGetValue(CaFile, out string? file))
            return () => CertificateCheck.ReadCas(file);
        return client.TryGetValue(CaText, out string? text)
            ? () =>
            {
                var cas = new X509Certificate2Collection();
                cas.ImportFromPem(text);
                return cas;
            }
            : null;
    }

    private static bool IsDirectory(IReadOnlyDictionary<string, string> client) =>
        client.TryGetValue(CaFile, out string? file) && Directory.Exists(file);

    [GeneratedRegex(@"ssl://(?<host>\[[^\]\s]+\]|[^/:\s]+):(?<port>\d{1,5})/")]
    private static partial Regex Broker();
}
