using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Radar.Market;

namespace Radar.Api.Http.Contract;

/// <summary>Times as all answers have them: RFC 3339 in UTC with milliseconds, <c>2024-08-08T23:54:15.342Z</c>.</summary>
internal sealed class Rfc3339Converter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        DateTimeOffset.Parse(reader.GetString()!, CultureInfo.InvariantCulture);

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Rfc3339.Format(value.ToUnixTimeMilliseconds()));
}
