using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Live;

/// <summary>A venue on this machine: WebSocket and REST, both as the test says.</summary>
internal sealed class FakeVenue : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Channel<FakeConnection> _connections = Channel.CreateUnbounded<FakeConnection>();
    private readonly ConcurrentBag<FakeConnection> _all = [];

    private FakeVenue()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(ServeAsync);
    }

    /// <summary>The address without its scheme.</summary>
    public string Host { get; private set; } = "";

    /// <summary>Path and query of every handshake, refused ones too.</summary>
    public ConcurrentQueue<string> Handshakes { get; } = new();

    /// <summary>Path and query of every REST request.</summary>
    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Answers to the next handshakes, a status and Retry-After; without one they are accepted.</summary>
    public ConcurrentQueue<(int Status, string? RetryAfter)> Refusals { get; } = new();

    /// <summary>Answers REST requests.</summary>
    public Func<HttpRequest, Task<(int Status, string Body)>> Rest { get; set; } = _ => Task.FromResult((404, "{}"));

    /// <summary>Leaves the WebSocket's frames to the test.</summary>
    public bool IsRaw { get; init; }

    public static async Task<FakeVenue> StartAsync(bool isRaw = false)
    {
        var venue = new FakeVenue { IsRaw = isRaw };
        await venue._app.StartAsync();
        venue.Host = new Uri(venue._app.Urls.First()).Authority;
        return venue;
    }

    /// <summary>The next connection that a client makes.</summary>
    public async Task<FakeConnection> AcceptAsync()
    {
        using var deadline = new CancellationTokenSource(Wait.Limit);
        return await _connections.Reader.ReadAsync(deadline.Token);
    }

    public bool TryAccept(out FakeConnection? connection) => _connections.Reader.TryRead(out connection);

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _all)
            connection.Drop();
        using var now = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task ServeAsync(HttpContext context)
    {
        string asked = context.Request.Path + context.Request.QueryString;
        if (!context.WebSockets.IsWebSocketRequest)
        {
            Requests.Enqueue(asked);
            var (status, body) = await Rest(context.Request);
            context.Response.StatusCode = status;
            await context.Response.WriteAsync(body);
            return;
        }

        Handshakes.Enqueue(asked);
        if (Refusals.TryDequeue(out var refusal))
        {
            context.Response.StatusCode = refusal.Status;
            if (refusal.RetryAfter is not null)
                context.Response.Headers.RetryAfter = refusal.RetryAfter;
            return;
        }

        var connection = IsRaw
            ? new FakeConnection(context, null, await UpgradeAsync(context))
            : new FakeConnection(context, await context.WebSockets.AcceptWebSocketAsync(), null);
        _all.Add(connection);
        _connections.Writer.TryWrite(connection);
        await connection.Ended;
    }

    private static Task<Stream> UpgradeAsync(HttpContext context)
    {
        string key = context.Request.Headers.SecWebSocketKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
#pragma warning disable CA5350 // SHA-1 is what RFC 6455 says
        context.Response.Headers.SecWebSocketAccept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key)));
#pragma warning restore CA5350
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.Connection = "Upgrade";
        return context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
    }
}

/// <summary>The venue's side of one connection.</summary>
internal sealed class FakeConnection(HttpContext context, WebSocket? socket, Stream? raw)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the test has dropped or closed it.</summary>
    public Task Ended => _ended.Task;

    /// <summary>The upgraded connection.</summary>
    public Stream Raw => raw!;

    public Task SendAsync(params string[] messages) =>
        SendAllAsync(messages.Select(message => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(message)));

    public async Task SendAllAsync(IEnumerable<ReadOnlyMemory<byte>> messages)
    {
        foreach (var message in messages)
            await socket!.SendAsync(message, WebSocketMessageType.Text, true, CancellationToken.None);
    }

    /// <summary>A frame that promises more.</summary>
    public Task SendPartAsync(string part) =>
        socket!.SendAsync(Encoding.UTF8.GetBytes(part), WebSocketMessageType.Text, false, CancellationToken.None);

    /// <summary>What the client sends next; null where it closes.</summary>
    public async Task<string?> ReceiveAsync()
    {
        using var deadline = new CancellationTokenSource(Wait.Limit);
        var buffer = new byte[1 << 16];
        int length = 0;
        while (true)
        {
            var part = await socket!.ReceiveAsync(buffer.AsMemory(length), deadline.Token);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            if (part.EndOfMessage)
                return Encoding.UTF8.GetString(buffer, 0, length);
        }
    }

    /// <summary>What the client asks next. Its pings come when the machine's time says so, before that or after.</summary>
    public async Task<string?> AskedAsync()
    {
        string? message;
        do
            message = await ReceiveAsync();
        while (message?.Contains("ping", StringComparison.Ordinal) == true);
        return message;
    }

    /// <summary>Cuts the network.</summary>
    public void Drop()
    {
        if (!_ended.Task.IsCompleted)
            context.Abort();
        _ended.TrySetResult();
    }

    /// <summary>Closes as WebSocket wants it.</summary>
    public async Task CloseAsync(WebSocketCloseStatus status = WebSocketCloseStatus.EndpointUnavailable)
    {
        await socket!.CloseOutputAsync(status, "going away", CancellationToken.None);
        _ended.TrySetResult();
    }
}
