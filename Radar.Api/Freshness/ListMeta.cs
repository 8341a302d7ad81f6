using System.Text;
using Radar.Api.Board;

namespace Radar.Api.Freshness;

/// <summary>What an answer from several partitions reports of itself.</summary>
/// <param name="Version">Positions of all partitions.</param>
/// <param name="EventTimeMs">Event time of the newest event that is served, Unix ms; null where none is.</param>
/// <param name="AgeMs">Time since then.</param>
/// <param name="LagMs">The worst partition's; null where one is unknown.</param>
/// <param name="Stale">The lag is unknown or too large.</param>
internal readonly record struct ListMeta(BoardVersion Version, long? EventTimeMs, long? AgeMs, long? LagMs, bool Stale)
{
    /// <summary><paramref name="before"/>, <c>"meta":{…}</c> and the closing brace of the answer.</summary>
    public byte[] Tail(string before)
    {
        Span<byte> freshness = stackalloc byte[160];
        int length = Meta.FormatFreshness(freshness, EventTimeMs, AgeMs, LagMs, Stale);
        return
        [
            .. Encoding.ASCII.GetBytes($"{before}\"meta\":{{\"version\":\"{Version}\","), .. freshness[..length],
            .. Encoding.UTF8.GetBytes(Meta.EndOf(Version.Incomplete)), (byte)'}',
        ];
    }
}
