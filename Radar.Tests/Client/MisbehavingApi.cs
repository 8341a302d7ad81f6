using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Radar.Client;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Client;

/// <summary>An API that answers as the test says, request by request; those after the last are kept waiting.</summary>
internal sealed class MisbehavingApi : IAsyncDisposable
{
    private readonly ConcurrentQueue<Func<ApiCall, Task>> _answers;
    private readonly Channel<ApiCall> _calls = Channel.CreateUnbounded<ApiCall>();
    private readonly WebApplication _app;
    private int _count;
    private bool _isDisposed;

    private MisbehavingApi(Func<ApiCall, Task>[] answers)
    {
        _answers = new(answers);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapFallback(AnswerAsync);
    }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Requests until now.</summary>
    public int Count => _count;

    public static async Task<MisbehavingApi> StartAsync(params Func<ApiCall, Task>[] answers)
    {
        var api = new MisbehavingApi(answers);
        await api._app.StartAsync();
        return api;
    }

    /// <summary>The next request, when it has come.</summary>
    public async Task<ApiCall> CallAsync()
    {
        using var deadline = new CancellationTokenSource(Wait.Limit);
        return await _calls.Reader.ReadAsync(deadline.Token);
    }

    public RadarClient Client(TimeProvider? time = null, Action<RadarClientOptions>? configure = null)
    {
        var options = new RadarClientOptions { BaseAddress = Address, ReconnectDelayMs = 1, ReconnectDelayMaxMs = 20 };
        configure?.Invoke(options);
        return new RadarClient(new HttpClient(), options, time);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token); // streams that are open would be waited for
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var call = new ApiCall(context);
        Interlocked.Increment(ref _count);
        _calls.Writer.TryWrite(call);
        await (_answers.TryDequeue(out var answer) ? answer(call) : call.HoldAsync());
    }
}

/// <summary>One request of a client, and what can be done to it.</summary>
internal sealed class ApiCall(HttpContext context)
{
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string? LastEventId { get; } = context.Request.Headers["Last-Event-ID"];

    public string? Authorization { get; } = context.Request.Headers.Authorization;

    public string? IfNoneMatch { get; } = context.Request.Headers.IfNoneMatch;

    public string Target { get; } = context.Request.Path + Uri.UnescapeDataString(context.Request.QueryString.Value ?? "");

    /// <summary>The client has closed the connection.</summary>
    public Task Gone => _gone.Task.WaitAsync(Wait.Limit);

    /// <summary>One event, ended as it should be.</summary>
    public static string Event(string type, string data, string? id = null) =>
        (id is null ? "" : $"id: {id}\n") + $"event: {type}\ndata: {data}\n\n";

    public static string Snapshot(string id, params string[] tickers) => Event("snapshot",
        $$"""{"tickers":[{{string.Join(',', tickers)}}]}""", id);

    public static string Trade(long number, string id) => Event("trade", Item("X", number), id);

    public static string Ticker(string symbol, decimal price, string id) => Event("ticker", Item(symbol, price), id);

    public static string Item(string symbol, decimal price) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"symbol":"{{symbol}}","t":"2024-08-09T12:00:00.000Z","p":{{price}},"s":1,"i":null,"side":"buy","venue":"test"}""");

    /// <summary>Sends a part of a stream, whole or not.</summary>
    public async Task SendAsync(params string[] parts)
    {
        if (!context.Response.HasStarted)
            context.Response.ContentType = "text/event-stream";
        foreach (string part in parts)
            await context.Response.WriteAsync(part);
        await context.Response.Body.FlushAsync();
    }

    public async Task AnswerAsync(int status, string contentType, string body, params (string Name, string Value)[] headers)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        if (body.Length > 0)
            await context.Response.WriteAsync(body);
    }

    /// <summary>Breaks the connection.</summary>
    public void Abort() => context.Abort();

    /// <summary>Says no more until the client goes.</summary>
    public async Task HoldAsync()
    {
        await using var going = context.RequestAborted.Register(() => _gone.TrySetResult());
        await Gone;
    }
}
