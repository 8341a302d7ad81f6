using System.Buffers;
using System.Text;
using Radar.Market;

namespace Radar.Producer.Look;

/// <summary>A tick on one line.</summary>
internal static class TickLine
{
    /// <summary>Its time in RFC 3339, then the event as it would be sent.</summary>
    public static string Of(in Tick tick)
    {
        var json = new ArrayBufferWriter<byte>(512);
        TickCodec.Write(json, tick);
        return $"{Rfc3339.Format(tick.TimestampMs)} {Encoding.UTF8.GetString(json.WrittenSpan)}";
    }
}
