using System.Buffers;
using System.Diagnostics;
using Confluent.Kafka;
using Radar.Market;

namespace Radar.Producer.Topics;

/// <summary>Writes ticks as messages: key, value, and the trace of the record that they were made from. One user.</summary>
internal sealed class TickMessages(SendTrace trace)
{
    private readonly SymbolKeys _keys = new();
    private readonly ArrayBufferWriter<byte> _value = new(1024);

    /// <summary>
    /// The message of <paramref name="tick"/>. A trace in <paramref name="source"/> goes on, sampled or not; a tick without one begins its
    /// own where one is due. A header that is no trace is as good as none.
    /// </summary>
    public Message<byte[]?, byte[]?> Of(in Tick tick, Headers? source, out Activity? sampled)
    {
        _value.ResetWrittenCount();
        TickCodec.Write(_value, tick);
        SymbolKey key = _keys.Of(tick.Symbol);
        var message = new Message<byte[]?, byte[]?> { Key = key.Utf8, Value = _value.WrittenSpan.ToArray() };
        sampled = null;
        if (source is { Count: > 0 } && source.TryGetLastBytes(TelemetryNames.TraceParent, out byte[]? header)
            && TraceParent.TryRead(header, out ActivityContext parent))
        {
            if (parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
                sampled = trace.Start(tick, parent);
            message.Headers = sampled is not null ? SendTrace.Headers(sampled) : new() { { TelemetryNames.TraceParent, header } };
            return message;
        }

        trace.ReadClock();
        if (trace.IsDue(key.Traces) && (sampled = trace.Start(tick)) is not null)
            message.Headers = SendTrace.Headers(sampled);
        return message;
    }
}
