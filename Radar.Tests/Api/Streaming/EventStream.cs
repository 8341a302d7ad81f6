using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Streaming;

/// <summary>One event of a stream.</summary>
internal sealed record StreamEvent(string Type, string? Id, string Text)
{
    public JsonObject Data { get; } = JsonNode.Parse(Text)!.AsObject();

    public string? Symbol => (string?)Data["symbol"];

    public decimal Price => (decimal)Data["p"]!;

    public long TradeId => (long)Data["i"]!;

    public override string ToString() => $"{Type} {Id} {Text}";

    /// <summary>Symbol and price of each ticker of a snapshot.</summary>
    public IEnumerable<(string, decimal)> Tickers =>
        Data["tickers"]!.AsArray().Select(ticker => ((string)ticker!["symbol"]!, (decimal)ticker["p"]!));
}

/// <summary>A client of <c>/api/v2/stream</c>.</summary>
internal sealed class EventStream : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly SseParser<string> _parser;
    private readonly IAsyncEnumerator<SseItem<string>> _items;

    private EventStream(HttpResponseMessage response, Stream body)
    {
        _response = response;
        _parser = SseParser.Create(body);
        _items = _parser.EnumerateAsync().GetAsyncEnumerator();
    }

    /// <summary>The id of the last whole event.</summary>
    public string? LastId { get; private set; }

    /// <param name="http">Of the API.</param>
    /// <param name="query">Query string without the question mark.</param>
    /// <param name="lastEventId">Header; null sends none.</param>
    /// <param name="bytesMax">The connection breaks after that many bytes.</param>
    public static async Task<EventStream> OpenAsync(
        HttpClient http, string query = "", string? lastEventId = null, int bytesMax = int.MaxValue)
    {
        var response = await SendAsync(http, query, lastEventId);
        Assert.True(response.IsSuccessStatusCode, $"{query}: {response.StatusCode}");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.ToString());
        Stream body = await response.Content.ReadAsStreamAsync();
        return new EventStream(response, bytesMax == int.MaxValue ? body : new BreakingStream(body, bytesMax));
    }

    /// <summary>The answer, whatever it is, as soon as its head is there.</summary>
    public static async Task<HttpResponseMessage> SendAsync(HttpClient http, string query = "", string? lastEventId = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/api/v2/stream?" + query, UriKind.Relative));
        if (lastEventId is not null)
            Assert.True(request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId));
        using var deadline = new CancellationTokenSource(Wait.Limit);
        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
    }

    /// <summary>The next event of any type; null where the stream has ended or broken.</summary>
    public async Task<StreamEvent?> AnyAsync()
    {
        try
        {
            if (!await _items.MoveNextAsync().AsTask().WaitAsync(Wait.Limit))
                return null;
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return null;
        }

        var item = _items.Current;
        LastId = item.EventId ?? LastId;
        return new StreamEvent(item.EventType, item.EventId, item.Data);
    }

    /// <summary>The next event that is neither a heartbeat nor names symbols without a trade; the stream must go on.</summary>
    public Task<StreamEvent> NextAsync() => NextButAsync("heartbeat", "unknown");

    private async Task<StreamEvent> NextButAsync(params string[] types)
    {
        using var deadline = new CancellationTokenSource(Wait.Limit);
        while (true)
        {
            StreamEvent? next = await AnyAsync();
            Assert.False(deadline.IsCancellationRequested, $"Nothing but {string.Join(" and ", types)} came.");
            Assert.True(next is not null, "The stream ended.");
            if (!types.Contains(next.Type))
                return next;
        }
    }

    /// <summary>The next event but for those that <see cref="NextAsync()"/> passes over, which must be of that type.</summary>
    public async Task<StreamEvent> NextAsync(string type)
    {
        StreamEvent next = type == "unknown" ? await NextButAsync("heartbeat") : await NextAsync();
        Assert.True(next.Type == type, $"{type} was expected and {next} came.");
        return next;
    }

    /// <summary>The next events, as of <see cref="NextAsync()"/>.</summary>
    public async Task<List<StreamEvent>> NextAsync(int count)
    {
        var events = new List<StreamEvent>();
        while (events.Count < count)
            events.Add(await NextAsync());
        return events;
    }

    public ValueTask DisposeAsync()
    {
        _response.Dispose(); // ends a read that is under way; the enumerator could not be disposed before
        return ValueTask.CompletedTask;
    }

    /// <summary>A connection that breaks in the middle of what it carries.</summary>
    private sealed class BreakingStream(Stream inner, int bytesMax) : Stream
    {
        private int _left = bytesMax;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left == 0)
                throw new IOException("The connection broke.");
            int read = await inner.ReadAsync(buffer[..Math.Min(_left, buffer.Length)], cancellationToken);
            _left -= read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
