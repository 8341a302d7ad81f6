using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Radar.Client;

/// <summary>
/// How bodies are read: members that are unknown are passed over, so that an API may add some; those that are missing are an
/// error, so that no default is taken for a price.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TickerAnswer))]
[JsonSerializable(typeof(SymbolsPage))]
[JsonSerializable(typeof(TickersPage))]
[JsonSerializable(typeof(TradesPage))]
[JsonSerializable(typeof(BarsPage))]
[JsonSerializable(typeof(SnapshotsAnswer))]
[JsonSerializable(typeof(MoversAnswer))]
[JsonSerializable(typeof(Lag))]
[JsonSerializable(typeof(DeadLettersPage))]
[JsonSerializable(typeof(ProblemBody))]
internal sealed partial class RadarJson : JsonSerializerContext;

/// <summary>An error as the API describes it (RFC 9457); proxies answer otherwise, so nothing is certain.</summary>
internal sealed record ProblemBody(string? Title = null, string? Detail = null, string? Parameter = null);

/// <summary>An integer, a text or null, as text.</summary>
internal sealed class TradeIdConverter : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number ? Encoding.ASCII.GetString(reader.ValueSpan) : reader.GetString();

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

internal sealed class MillisecondsConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TimeSpan.FromMilliseconds(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue((long)value.TotalMilliseconds);
}

internal sealed class SecondsConverter : JsonConverter<TimeSpan>
{
    public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        TimeSpan.FromSeconds(reader.GetDouble());

    public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
        writer.WriteNumberValue(value.TotalSeconds);
}
