using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Radar.Client.Streaming;

/// <summary>Reads the <c>data</c> of one server-sent event.</summary>
internal static class StreamWire
{
    /// <summary>Null for events of a kind that is unknown, which later versions of the API may send.</summary>
    /// <exception cref="JsonException">The data is not what it should be.</exception>
    public static WireEvent? Decode(string type, ReadOnlySpan<byte> data) => type switch
    {
        "ticker" => new(new TickerEvent(Read(data, StreamJson.Default.Ticker))),
        "trade" => new(new TradeEvent(Read(data, StreamJson.Default.Trade))),
        "bar" => new(new BarEvent(Read(data, StreamJson.Default.Bar), IsCorrection: false)),
        "updated_bar" => new(new BarEvent(Read(data, StreamJson.Default.Bar), IsCorrection: true)),
        "snapshot" => new(new SnapshotEvent(Read(data, StreamJson.Default.SnapshotBody).Tickers)),
        "unknown" => new(new StreamUnknownSymbols(Read(data, StreamJson.Default.UnknownBody).Symbols)),
        "heartbeat" => Read(data, StreamJson.Default.HeartbeatBody) is var beat
            ? new(new StreamHeartbeat(beat.T, beat.Lag, beat.Stale, beat.Incomplete)) : null,
        "reset" => new(new StreamGap(Read(data, StreamJson.Default.ResetBody).Reason)),
        "shutdown" => new(null, TimeSpan.FromMilliseconds(Read(data, StreamJson.Default.ShutdownBody).RetryMs)),
        _ => null,
    };

    private static T Read<T>(ReadOnlySpan<byte> data, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class => JsonSerializer.Deserialize(data, type) ?? throw new JsonException("The data is null.");
}

/// <summary>What one server-sent event contains.</summary>
/// <param name="Event">For the user; null where it is for the client only.</param>
/// <param name="ShutdownRetry">The API stops, and is to be asked again after this.</param>
internal sealed record WireEvent(StreamEvent? Event, TimeSpan? ShutdownRetry = null);

internal sealed record SnapshotBody(IReadOnlyList<Ticker> Tickers);

internal sealed record UnknownBody(IReadOnlyList<string> Symbols);

internal sealed record HeartbeatBody(
    DateTimeOffset T, [property: JsonPropertyName("lag_ms"), JsonConverter(typeof(MillisecondsConverter))] TimeSpan? Lag, bool Stale,
    IReadOnlyList<IncompletePart>? Incomplete = null);

internal sealed record ResetBody(string Reason);

internal sealed record ShutdownBody(long RetryMs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Ticker))]
[JsonSerializable(typeof(Trade))]
[JsonSerializable(typeof(Bar))]
[JsonSerializable(typeof(SnapshotBody))]
[JsonSerializable(typeof(UnknownBody))]
[JsonSerializable(typeof(HeartbeatBody))]
[JsonSerializable(typeof(ResetBody))]
[JsonSerializable(typeof(ShutdownBody))]
internal sealed partial class StreamJson : JsonSerializerContext;
