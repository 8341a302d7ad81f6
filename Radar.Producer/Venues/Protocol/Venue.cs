namespace Radar.Producer.Venues.Protocol;

/// <summary>A venue that Radar reads: from captures, and live where it has markets.</summary>
/// <param name="Name">Name of the source that follows it live, lower case: <c>kraken</c>.</param>
/// <param name="Title">Name for people: <c>Coinbase Exchange</c>.</param>
/// <param name="Captures">How captures of it are read. The first one is taken where only the messages show the venue.</param>
/// <param name="Markets">What can be followed live, the default first; empty where Radar reads captures only.</param>
internal sealed record Venue(string Name, string Title, IReadOnlyList<VenueCapture> Captures, params IReadOnlyList<VenueMarket> Markets)
{
    /// <summary>A market by its name, in any case; null is the first. Null where there is none of that name.</summary>
    public VenueMarket? FindMarket(string? name) =>
        Markets.FirstOrDefault(market => name is null || market.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>How captures of one or more hosts are read.</summary>
/// <param name="NewParser">A parser for one capture.</param>
/// <param name="Hosts">
/// Domains of the recorded connections, with the beginning of a path where that shows the market; of two that fit an address, the longer
/// one counts.
/// </param>
internal sealed record VenueCapture(Func<VenueTrades> NewParser, params IReadOnlyList<string> Hosts);

/// <summary>A market that can be followed live.</summary>
/// <param name="Name">Value of <c>Producer:Live:Market</c>: <c>Spot</c>.</param>
/// <param name="NewProtocol">How it is connected to.</param>
internal sealed record VenueMarket(string Name, Func<VenueProtocol> NewProtocol);
