using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Radar.Api.Http.Access;

namespace Radar.Tests.Api.Http.Access;

public sealed class IssuerKeysTests
{
    [Fact]
    public async Task Issuer_that_hangs_is_asked_once_and_holds_a_request_for_two_seconds_at_most()
    {
        var time = new FakeTimeProvider();
        using var issuer = new TcpListener(IPAddress.Loopback, 0);
        issuer.Start();
        using var keys = new IssuerKeys($"http://{issuer.LocalEndpoint}/metadata", needsTls: false, time);

        var waiting = Enumerable.Range(0, 3).Select(_ => keys.GetConfigurationAsync(CancellationToken.None)).ToList();
        using var asked = await issuer.AcceptTcpClientAsync();
        time.Advance(TimeSpan.FromSeconds(2));

        foreach (var request in waiting)
            await Assert.ThrowsAsync<InvalidOperationException>(() => request);
        await Assert.ThrowsAsync<InvalidOperationException>(() => keys.GetConfigurationAsync(CancellationToken.None));
        Assert.False(issuer.Pending());
    }
}
