namespace Radar.Producer.Venues.Protocol;

/// <summary>What a venue allows and needs, from its documentation; a little less than allowed.</summary>
internal sealed record VenueLimits
{
    /// <summary>Symbols on one connection.</summary>
    public required int SymbolsPerConnection { get; init; }

    /// <summary>Symbols in one subscription.</summary>
    public int SymbolsPerMessage { get; init; } = 1;

    /// <summary>Between two connections from one address.</summary>
    public required TimeSpan ConnectEvery { get; init; }

    /// <summary>Between two messages to the venue.</summary>
    public TimeSpan SendEvery { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Between two REST requests.</summary>
    public required TimeSpan RestEvery { get; init; }

    /// <summary>Silence after which a connection is dead.</summary>
    public required TimeSpan Silence { get; init; }

    /// <summary>When the venue's own cut is evaded; null where it makes none.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>Whether the heartbeat is WebSocket's ping, and not a message.</summary>
    public bool PingIsHeartbeat { get; init; }

    /// <summary>How often <see cref="VenueProtocol.Ping"/> is sent; null where the venue wants none.</summary>
    public TimeSpan? PingEvery { get; init; }

    /// <summary>Whether ids are names of trades and do not count: what is missing is found by time.</summary>
    public bool IdsAreNames { get; init; }

    /// <summary>Whether symbols are asked for as they were configured; otherwise in upper case.</summary>
    public bool SymbolsHaveCase { get; init; }

    /// <summary>Under which two spellings are one symbol to the venue.</summary>
    public StringComparer SymbolComparer => SymbolsHaveCase ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;

    /// <summary>Whether ids are left out in the stream.</summary>
    public bool IdsHaveHoles { get; init; }

    /// <summary>Whether ids are left out by REST, where trades before and after them are returned.</summary>
    public bool RestHasHoles { get; init; }
}
