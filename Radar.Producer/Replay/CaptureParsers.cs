using Radar.Market;
using Radar.Producer.Venues;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Replay;

/// <summary>
/// The parsers of one capture, each created once: what a parser remembers of a market has to outlive a host that alternates with another.
/// </summary>
internal sealed class CaptureParsers
{
    private readonly List<(VenueCapture Capture, VenueTrades Parser)> _parsers;

    public CaptureParsers(SymbolRule symbols)
    {
        _parsers =
        [
            .. VenueRegistry.All.SelectMany(venue => venue.Captures).Select(capture => (capture, capture.NewParser().With(symbols))),
        ];
        ByMessage = [.. VenueRegistry.All.Select(venue => _parsers.First(entry => entry.Capture == venue.Captures[0]).Parser)];
    }

    /// <summary>Every parser that there is.</summary>
    public IEnumerable<VenueTrades> All => _parsers.Select(entry => entry.Parser);

    /// <summary>One of each venue, where only the messages show which one it is.</summary>
    public VenueTrades[] ByMessage { get; }

    /// <summary>The address's own parser and after it those of other venues; none for a venue that Radar does not read.</summary>
    public VenueTrades[] ByAddress(Uri address)
    {
        VenueTrades? own = ForHost(address.Host, address.AbsolutePath);
        return own is null ? [] : [own, .. ByMessage.Where(other => other.GetType() != own.GetType())];
    }

    /// <summary>The parser for a WebSocket host, or null for a venue that Radar does not read.</summary>
    /// <param name="host">Of the connection.</param>
    /// <param name="path">Its path, which shows the market on some venues.</param>
    public VenueTrades? ForHost(string host, string path = "/") => _parsers
        .SelectMany(entry => entry.Capture.Hosts.Select(known => (Known: known, entry.Parser)))
        .Where(entry => IsWithin(host, path, entry.Known))
        .OrderByDescending(entry => entry.Known.Length)
        .FirstOrDefault().Parser;

    private static bool IsWithin(string host, string path, string known)
    {
        int slash = known.IndexOf('/', StringComparison.Ordinal);
        string domain = slash < 0 ? known : known[..slash];
        return host.EndsWith(domain, StringComparison.OrdinalIgnoreCase)
            && (host.Length == domain.Length || host[^(domain.Length + 1)] == '.')
            && (slash < 0 || path.StartsWith(known[slash..], StringComparison.OrdinalIgnoreCase));
    }
}
