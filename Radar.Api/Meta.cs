using System.Diagnostics;
using System.Globalization;
using System.Text.Unicode;
using Radar.Market;

namespace Radar.Api;

/// <summary>What every answer of v2 says of itself.</summary>
/// <param name="Version">See <see cref="AnswerVersion"/>.</param>
/// <param name="EventTimeMs">Event time of the symbol's latest trade, Unix ms.</param>
/// <param name="AgeMs">Time since then; below 0 where the source's clock runs ahead.</param>
/// <param name="LagMs">How far the state is behind the topic; null where that is unknown.</param>
/// <param name="Stale">The lag is unknown or too large.</param>
internal readonly record struct Meta(AnswerVersion Version, long EventTimeMs, long AgeMs, long? LagMs, bool Stale)
{
    /// <summary>Enough for <see cref="Format"/>: names 80, version 50, time 24, three numbers of 20, with room to spare.</summary>
    public const int LengthMax = 256;

    /// <summary>Writes the JSON object.</summary>
    /// <returns>Bytes written.</returns>
    public int Format(Span<byte> utf8)
    {
        string lag = LagMs is { } known ? known.ToString(CultureInfo.InvariantCulture) : "null";
        bool fits = Utf8.TryWrite(
            utf8,
            CultureInfo.InvariantCulture,
            $"{{\"version\":\"{Version.Epoch}-{Version.Partition}-{Version.Offset}\",\"event_time\":\"",
            out int written);
        written += Rfc3339.Format(EventTimeMs, utf8[written..]);
        fits &= Utf8.TryWrite(
            utf8[written..],
            CultureInfo.InvariantCulture,
            $"\",\"age_ms\":{AgeMs},\"lag_ms\":{lag},\"stale\":{(Stale ? "true" : "false")}}}",
            out int rest);
        Debug.Assert(fits, "An epoch has 16 characters at most.");
        return written + rest;
    }
}
