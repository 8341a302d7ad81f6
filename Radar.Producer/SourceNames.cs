using Radar.Producer.Venues;

namespace Radar.Producer;

/// <summary>Values of <c>Producer:Source</c>.</summary>
public static class SourceNames
{
    /// <summary>Nowhere: the topic is fed by others.</summary>
    public const string None = "none";

    /// <summary>Made up, plausible and repeatable.</summary>
    public const string Synthetic = "synthetic";

    /// <summary>Recorded files.</summary>
    public const string Replay = "replay";

    /// <summary>Another topic of the same Kafka.</summary>
    public const string Kafka = "kafka";

    /// <summary>Public market data of a venue, as it happens.</summary>
    public static IReadOnlyList<string> Live { get; } = [.. VenueRegistry.Live.Select(venue => venue.Name)];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [None, Synthetic, Replay, .. Live, Kafka];
}
