using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Radar.ServiceDefaults;

/// <summary>Addresses as connection strings have them.</summary>
public static class HostPort
{
    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>[::1]</c> or <c>[::1]:port</c>.</summary>
    /// <param name="text">Of letters, digits and <c>. - _</c>; anything else may be a part of a password, and is no host.</param>
    /// <param name="defaultPort">Where none is given.</param>
    /// <returns><c>host:port</c>; null where it is not one.</returns>
    public static string? Read(string text, int defaultPort)
    {
        int bracket = text.LastIndexOf(']');
        int colon = text.IndexOf(':', bracket < 0 ? 0 : bracket);
        string host = colon < 0 ? text : text[..colon];
        bool isHost = bracket < 0
            ? host.Length > 0 && host.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_')
            : host.StartsWith('[') && host.EndsWith(']')
                && IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;
        int port = defaultPort;
        bool isPort = colon < 0 || int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port);
        if (!isHost || !isPort || port is < 1 or > 65_535)
            return null;
        return string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
    }
}
