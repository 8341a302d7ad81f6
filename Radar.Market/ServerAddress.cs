using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Radar.Market;

/// <summary>Where a server listens, as spans name it.</summary>
/// <param name="Host">Name or IP address as the client was given it, without brackets; the path of a Unix socket.</param>
/// <param name="Port">Null of a Unix socket.</param>
public readonly record struct ServerAddress(string Host, int? Port)
{
    private const int KafkaPort = 9092;

    /// <summary>The address of an end point; null where it is of a kind that has none.</summary>
    public static ServerAddress? Of(EndPoint? endPoint) => endPoint switch
    {
        DnsEndPoint name => new(name.Host, name.Port),
        IPEndPoint ip => new(ip.Address.ToString(), ip.Port),
        UnixDomainSocketEndPoint path => new(path.ToString(), null),
        _ => null,
    };

    /// <summary>
    /// The server of a Kafka connection string (<c>host</c>, <c>host:port</c>, <c>protocol://host:port</c>); null where it names several:
    /// which of them a record went to, the client does not report.
    /// </summary>
    public static ServerAddress? OfKafka(string bootstrapServers)
    {
        string[] servers = bootstrapServers.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (servers is not [var only])
            return null;
        int protocol = only.IndexOf("://", StringComparison.Ordinal);
        string server = protocol < 0 ? only : only[(protocol + 3)..];
        int colon = server.LastIndexOf(':');
        if (colon <= server.LastIndexOf(']'))
            return new(server.Trim('[', ']'), KafkaPort);
        return int.TryParse(server.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            ? new(server[..colon].Trim('[', ']'), port)
            : null;
    }

    /// <summary>Sets <c>server.address</c> and <c>server.port</c>.</summary>
    public void Tag(Activity span)
    {
        span.SetTag(TelemetryNames.ServerAddress, Host);
        if (Port is { } port)
            span.SetTag(TelemetryNames.ServerPort, port);
    }
}
