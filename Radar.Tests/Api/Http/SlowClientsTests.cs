using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using Radar.Api.Access;
using Radar.Tests.Api.Http.Access;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http;

/// <summary>Clients that send slowly, much, or what is not HTTP.</summary>
public sealed class SlowClientsTests : IAsyncLifetime
{
    private AccessWorld _world = null!;

    private Uri Address => _world.Api.Http.BaseAddress!;

    public async Task InitializeAsync() => _world = await AccessWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Five_hundred_connections_that_never_end_their_headers_are_closed_and_others_are_answered_meanwhile()
    {
        var slow = new List<Socket>();
        try
        {
            for (int i = 0; i < 500; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                slow.Add(socket);
                await socket.ConnectAsync(Address.Host, Address.Port);
                await socket.SendAsync(Encoding.ASCII.GetBytes("GET /api/v2/symbols HTTP/1.1\r\nHost: localhost\r\nX-Slow: "));
            }

            var client = await _world.WithKeyAsync([Scopes.Read]);
            using (var answer = await client.GetAsync(new Uri("/api/v2/symbols", UriKind.Relative)))
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

            await Wait.UntilAsync(
                async () =>
                {
                    var open = new List<Socket>();
                    foreach (var socket in slow)
                    {
                        if (await IsClosedAsync(socket))
                            socket.Dispose();
                        else
                            open.Add(socket);
                    }

                    slow = open;
                    return slow.Count == 0;
                },
                "all of them are closed");
        }
        finally
        {
            slow.ForEach(socket => socket.Dispose());
        }
    }

    [Theory]
    [InlineData(40_000, 1)]
    [InlineData(10, 100)]
    public async Task Headers_that_are_too_large_or_too_many_are_431(int length, int count)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v2/symbols");
        for (int i = 0; i < count; i++)
            request.Headers.Add($"X-Header-{i}", new string('a', length));

        using var answer = await _world.Nobody().SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestHeaderFieldsTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Body_that_is_too_large_is_413()
    {
        var admin = await _world.WithKeyAsync([Scopes.Admin]);

        using var answer = await admin.PostAsJsonAsync("/admin/keys", new { name = new string('a', 100_000) });

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("The body of the request is too large.", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.NotEmpty(answer.Headers.GetValues("RateLimit")); // as on every answer, those of a failure too
    }

    /// <summary>Sends one byte of the header, and looks whether the server has ended the connection.</summary>
    private static async Task<bool> IsClosedAsync(Socket socket)
    {
        try
        {
            await socket.SendAsync("x"u8.ToArray());
            if (!socket.Poll(0, SelectMode.SelectRead))
                return false;
            var answer = new byte[1024];
            while (await socket.ReceiveAsync(answer) > 0)
            {
                // 408, and the end
            }

            return true;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
