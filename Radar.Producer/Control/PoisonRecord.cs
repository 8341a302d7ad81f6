using System.Text;
using Confluent.Kafka;
using Radar.Market;

namespace Radar.Producer.Control;

/// <summary>A record as no producer should send it, to see what becomes of it.</summary>
/// <param name="Kind">Name in requests.</param>
/// <param name="Description">For people.</param>
/// <param name="IsRefused">False where the tick is valid and only something beside it is broken.</param>
/// <param name="Make">Makes the record; its argument is the time, Unix ms.</param>
internal sealed record PoisonRecord(string Kind, string Description, bool IsRefused, Func<long, Message<byte[]?, byte[]?>> Make)
{
    /// <summary>The symbol of all of them; no market has it.</summary>
    public const string Symbol = "RADAR-TEST";

    private static readonly TimeSpan Ahead = TimeSpan.FromDays(365);

    /// <summary>Every kind.</summary>
    public static readonly IReadOnlyList<PoisonRecord> All =
    [
        new("bad-json", "the value is cut off in the middle", true, now => Of($$"""{"symbol":"{{Symbol}}","price":1,"timesta""")),
        new("missing-price", "there is no price", true, now => Of($$"""{"symbol":"{{Symbol}}","timestamp":{{now}}}""")),
        new("wrong-key", "the key is not the symbol", true, now => Of(Tick(now)) with { Key = "ANOTHER"u8.ToArray() }),
        new("price-zero", "the price is 0", true, now => Of($$"""{"symbol":"{{Symbol}}","price":0,"timestamp":{{now}}}""")),
        new("future", "the event's time is a year ahead", true, now => Of(Tick(now + (long)Ahead.TotalMilliseconds))),
        new("too-large", "the value is larger than 64 KiB", true, now =>
            Of(Tick(now)[..^1] + ",\"padding\":\"" + new string('x', TickCodec.ValueBytesMax) + "\"}")),
        new("empty-value", "the value has no bytes", true, now => Of("")),
        new("null-value", "there is no value: a tombstone", true, now => Of("") with { Value = null }),
        new("not-utf8", "the value is not UTF-8", true, now =>
            Of("") with { Value = [.. "{\"symbol\":\""u8, 0xFF, 0xFE, .. "\",\"price\":1,\"timestamp\":1}"u8] }),
        new("null-traceparent", "the tick is valid; its header traceparent has no value", false, now =>
            Of(Tick(now)) with { HasNullTrace = true }),
    ];

    private static Draft Of(string value) => new(Encoding.UTF8.GetBytes(Symbol), Encoding.UTF8.GetBytes(value));

    private static string Tick(long timestampMs) => $$"""{"symbol":"{{Symbol}}","price":1,"timestamp":{{timestampMs}}}""";

    /// <summary>What a kind differs in.</summary>
    private sealed record Draft(byte[]? Key, byte[]? Value, bool HasNullTrace = false)
    {
        public static implicit operator Message<byte[]?, byte[]?>(Draft draft)
        {
            var message = new Message<byte[]?, byte[]?> { Key = draft.Key, Value = draft.Value };
            if (draft.HasNullTrace)
                message.Headers = new Headers { { TelemetryNames.TraceParent, null! } };
            return message;
        }
    }
}
