using System.Net.Http.Headers;
using System.Net.ServerSentEvents;

namespace Radar.Client.Streaming;

/// <summary>One answer of the API's stream, from the request to its end.</summary>
internal sealed class StreamConnection : IAsyncDisposable
{
    private const string EventStream = "text/event-stream";

    private readonly HttpResponseMessage _response;
    private readonly WatchedStream _body;
    private readonly SseParser<WireEvent?> _parser;
    private readonly IAsyncEnumerator<SseItem<WireEvent?>> _items;

    private StreamConnection(HttpResponseMessage response, WatchedStream body, CancellationToken cancellationToken)
    {
        (_response, _body) = (response, body);
        _parser = SseParser.Create(body, StreamWire.Decode);
        _items = _parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    /// <summary>The wait before the next connection that the API has asked for on this one (<c>retry</c>), or zero.</summary>
    public TimeSpan Retry => _parser.ReconnectionInterval > TimeSpan.Zero ? _parser.ReconnectionInterval : TimeSpan.Zero;

    /// <summary>Asks the API for the stream.</summary>
    /// <param name="reader">Sends the request, and reads an answer that is no stream.</param>
    /// <param name="uri">What of.</param>
    /// <param name="lastId">What is known already, or null.</param>
    /// <param name="body">Takes the answer, and is disposed of with the connection.</param>
    /// <param name="cancellationToken">Ends the request and all reads.</param>
    /// <exception cref="RadarApiException">The API refuses.</exception>
    public static async Task<StreamConnection> OpenAsync(
        ApiReader reader, Uri uri, string? lastId, WatchedStream body, CancellationToken cancellationToken)
    {
        HttpResponseMessage? response = null;
        try
        {
            await body.OpenAsync(
                async cancel =>
                {
                    response = await reader.SendAsync(
                        () => Request(uri, lastId), HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
                    if (!response.IsSuccessStatusCode)
                        throw await reader.ErrorAsync(response, cancel).ConfigureAwait(false);
                    string? type = response.Content.Headers.ContentType?.MediaType;
                    if (type != EventStream)
                        throw new InvalidDataException(
                            $"The answer is {type ?? "of no type"}, not {EventStream}. Is there a Radar API at BaseAddress?");
                    return await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
            return new StreamConnection(response!, body, cancellationToken);
        }
        catch
        {
            await body.DisposeAsync().ConfigureAwait(false);
            response?.Dispose();
            throw;
        }
    }

    private static HttpRequestMessage Request(Uri uri, string? lastId)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, uri);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(EventStream));
        if (lastId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        return request;
    }

    /// <summary>The next event that is understood, with its id or null; null at the end of the answer.</summary>
    public async Task<(WireEvent Event, string? Id)?> ReadAsync()
    {
        while (await _items.MoveNextAsync().ConfigureAwait(false))
        {
            _body.EventEnds();
            var item = _items.Current;
            if (item.Data is { } understood)
                return (understood, item.EventId);
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await _items.DisposeAsync().ConfigureAwait(false);
        await _body.DisposeAsync().ConfigureAwait(false);
        _response.Dispose();
    }
}
