using Radar.Producer.Venues;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Replay;

/// <summary>
/// The parsers of one capture, each created once: what a parser remembers of a market has to outlive a host that alternates with another.
/// </summary>
internal sealed class CaptureParsers
{
    private readonly List<(VenueCapture Capture, VenueTrades Parser)> _parsers =
        [.. VenueRegistry.All.SelectMany(venue => venue.Captures).Select(capture => (capture, capture.NewParser()))];

    public CaptureParsers() => ByMessage =
        [.. VenueRegistry.All.Select(venue => _parsers.First(entry => entry.Capture == venue.Captures[0]).Parser)];

    /// <summary>Every parser that there is.</summary>
    public IEnumerable<VenueTrades> All => _parsers.Select(entry => entry.Parser);

    /// <summary>One of each venue, where only the messages show which one it is.</summary>
    public VenueTrades[] ByMessage { get; }

    /// <summary>The host's own parser and after it those of other venues; none for a venue that Radar does not read.</summary>
    public VenueTrades[] ByHost(string host)
    {
        VenueTrades? own = ForHost(host);
        return own is null ? [] : [own, .. ByMessage.Where(other => other.GetType() != own.GetType())];
    }

    /// <summary>The parser for a WebSocket host, or null for a venue that Radar does not read.</summary>
    public VenueTrades? ForHost(string host) => _parsers
        .SelectMany(entry => entry.Capture.Hosts.Select(domain => (Domain: domain, entry.Parser)))
        .Where(entry => IsWithin(host, entry.Domain))
        .OrderByDescending(entry => entry.Domain.Length)
        .FirstOrDefault().Parser;

    private static bool IsWithin(string host, string domain) =>
        host.EndsWith(domain, StringComparison.OrdinalIgnoreCase) && (host.Length == domain.Length || host[^(domain.Length + 1)] == '.');
}
