using System.Collections.Frozen;
using Radar.Api.Access;
using Radar.Api.Board;

namespace Radar.Api.Streaming;

/// <summary>What a client asked for.</summary>
/// <param name="Symbols">Normalized; null is every symbol.</param>
/// <param name="Channels">What of them.</param>
/// <param name="Since">The position it has; null for a client that is new, or whose id is not one that Radar gave out.</param>
/// <param name="MaxStalenessMs">Largest lag that the client accepts at the start; null accepts any and an unknown one.</param>
/// <param name="IsStrict">The stream is refused where a symbol is unknown.</param>
/// <param name="Allowed">Which symbols the caller may see, where <paramref name="Symbols"/> is every one; null is all of them.</param>
internal sealed record StreamRequest(
    FrozenSet<string>? Symbols, StreamChannels Channels, BoardVersion? Since, long? MaxStalenessMs = null, bool IsStrict = false,
    SymbolPatterns? Allowed = null)
{
    /// <summary>Most names in <c>symbols</c>.</summary>
    public const int SymbolsMax = 1000;

    /// <summary>Whether it asks for every symbol that there is.</summary>
    public bool IsOfAll => Symbols is null && Allowed is null;

    /// <summary>Whether it asks for this one.</summary>
    /// <param name="symbol">Normalized.</param>
    public bool Wants(string symbol) => Symbols is { } symbols ? symbols.Contains(symbol) : Allowed?.Allow(symbol) != false;
}
