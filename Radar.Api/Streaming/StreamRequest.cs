using System.Collections.Frozen;
using Radar.Api.Board;

namespace Radar.Api.Streaming;

/// <summary>What a client asked for.</summary>
/// <param name="Symbols">Normalized; null is every symbol.</param>
/// <param name="Channels">What of them.</param>
/// <param name="Since">The position it has; null for a client that is new, or whose id is not one that Radar gave out.</param>
/// <param name="MaxStalenessMs">Largest lag that the client accepts at the start; null accepts any and an unknown one.</param>
/// <param name="IsStrict">The stream is refused where a symbol is unknown.</param>
internal sealed record StreamRequest(
    FrozenSet<string>? Symbols, StreamChannels Channels, BoardVersion? Since, long? MaxStalenessMs = null, bool IsStrict = false)
{
    /// <summary>Most names in <c>symbols</c>.</summary>
    public const int SymbolsMax = 1000;
}
