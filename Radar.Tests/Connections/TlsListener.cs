using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Radar.Tests.Connections;

/// <summary>A server that shows a certificate to whoever connects, and then ends the connection.</summary>
internal sealed class TlsListener : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;
    private readonly Task _serving;

    public TlsListener(IssuedCertificate certificate)
    {
        _certificate = X509Certificate2.CreateFromPemFile(certificate.File, certificate.KeyFile);
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>Where it listens, <c>host:port</c>.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving.ContinueWith(static _ => { }, TaskScheduler.Default);
        _certificate.Dispose();
        _listener.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync();
            await using var stream = new SslStream(client.GetStream());
            try
            {
                await stream.AuthenticateAsServerAsync(_certificate);
                await stream.ReadExactlyAsync(new byte[1]); // in TLS 1.3 the client answers the certificate now
            }
            catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The client does not like the certificate: that is what is tested.
            }
        }
    }
}
