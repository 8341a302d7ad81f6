using System.Diagnostics;
using System.Globalization;
using System.Text.Unicode;
using Radar.Api.Board;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Freshness;

/// <summary>What every answer of v2 reports of itself.</summary>
/// <param name="Version">See <see cref="AnswerVersion"/>.</param>
/// <param name="EventTimeMs">Event time of the symbol's latest trade, Unix ms; null where <c>as_of</c> is before all that is kept.</param>
/// <param name="AgeMs">Time since then; below 0 where the source's clock runs ahead.</param>
/// <param name="LagMs">How far the state is behind the topic; null where that is unknown.</param>
/// <param name="Stale">The lag is unknown or too large.</param>
/// <param name="Incomplete">JSON array of what the state may lack, see <see cref="IntegrityMarks"/>; null where it lacks nothing.</param>
/// <param name="Trace">Trace id, 32 hex digits, of the event that <paramref name="EventTimeMs"/> is of; empty where it was not
/// sampled.</param>
internal readonly record struct Meta(
    AnswerVersion Version, long? EventTimeMs, long? AgeMs, long? LagMs, bool Stale, string? Incomplete,
    ReadOnlyMemory<byte> Trace = default)
{
    /// <summary>Enough for <see cref="Format"/>: names 90, version 50, time 24, three numbers of 20, a trace of 32.</summary>
    public const int LengthMax = 256;

    /// <summary>Writes the JSON object without <see cref="Incomplete"/>, see <see cref="EndOf"/>, and without its closing brace.</summary>
    /// <returns>Bytes written.</returns>
    public int Format(Span<byte> utf8)
    {
        bool fits = Utf8.TryWrite(
            utf8,
            CultureInfo.InvariantCulture,
            $"{{\"version\":\"{Version.Epoch}-{Version.Partition}-{Version.Offset}\",",
            out int written);
        Debug.Assert(fits, "An epoch has 16 characters at most.");
        return written + FormatFreshness(utf8[written..], EventTimeMs, AgeMs, LagMs, Stale, Trace.Span);
    }

    /// <summary>Writes the members after the version; 160 bytes are enough, and 44 more with a trace.</summary>
    public static int FormatFreshness(
        Span<byte> utf8, long? eventTimeMs, long? ageMs, long? lagMs, bool stale, ReadOnlySpan<byte> trace = default)
    {
        "\"event_time\":"u8.CopyTo(utf8);
        int written = 13;
        if (eventTimeMs is { } served)
        {
            utf8[written++] = (byte)'"';
            written += Rfc3339.Format(served, utf8[written..]);
            utf8[written++] = (byte)'"';
        }
        else
        {
            "null"u8.CopyTo(utf8[written..]);
            written += 4;
        }

        bool fits = Utf8.TryWrite(
            utf8[written..],
            CultureInfo.InvariantCulture,
            $",\"age_ms\":{Number(ageMs)},\"lag_ms\":{Number(lagMs)},\"stale\":{(stale ? "true" : "false")}",
            out int rest);
        Debug.Assert(fits, "Three numbers of 20 digits at most.");
        written += rest;
        if (!trace.IsEmpty)
        {
            ",\"trace\":\""u8.CopyTo(utf8[written..]);
            trace.CopyTo(utf8[(written + 10)..]);
            written += 10 + trace.Length;
            utf8[written++] = (byte)'"';
        }

        return written;
    }

    /// <summary>What follows: the member <c>incomplete</c>, where there is one, and the closing brace.</summary>
    /// <param name="incomplete">JSON array; null is none.</param>
    public static string EndOf(string? incomplete) => incomplete is null ? "}" : $",\"incomplete\":{incomplete}}}";

    private static string Number(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "null";
}
