using System.Buffers;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Radar.Market;

namespace Radar.Producer.Topics;

/// <summary>Writes ticks as messages: key, value, and the trace of the record that they were made from. One user.</summary>
internal sealed class TickMessages(string topic, double traceRatio)
{
    private const int TraceParentLength = 55;

    private readonly SendTrace _trace = new(topic, traceRatio);
    private readonly SymbolKeys _keys = new();
    private readonly ArrayBufferWriter<byte> _value = new(1024);

    /// <summary>
    /// The message of <paramref name="tick"/>. A trace in <paramref name="source"/> goes on, sampled or not; without one a share of the
    /// ticks begins its own.
    /// </summary>
    public Message<byte[]?, byte[]?> Of(in Tick tick, Headers? source, out Activity? sampled)
    {
        _value.ResetWrittenCount();
        TickCodec.Write(_value, tick);
        var message = new Message<byte[]?, byte[]?> { Key = _keys.Of(tick.Symbol), Value = _value.WrittenSpan.ToArray() };
        sampled = null;
        if (source is { Count: > 0 } && source.TryGetLastBytes(TelemetryNames.TraceParent, out byte[] header) && header.Length == TraceParentLength
            && ActivityContext.TryParse(Encoding.ASCII.GetString(header), null, isRemote: true, out ActivityContext parent))
        {
            if (parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded))
                sampled = _trace.Start(tick, parent);
            message.Headers = sampled is not null ? SendTrace.Headers(sampled) : new() { { TelemetryNames.TraceParent, header } };
        }
        else if (_trace.IsDue() && (sampled = _trace.Start(tick)) is not null)
        {
            message.Headers = SendTrace.Headers(sampled);
        }

        return message;
    }
}
