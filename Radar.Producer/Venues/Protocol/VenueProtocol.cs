
namespace Radar.Producer.Venues.Protocol;

/// <summary>What is particular to a venue: addresses, limits, messages. Stateless.</summary>
internal abstract class VenueProtocol
{
    /// <summary>Its name in ticks, market included.</summary>
    public abstract string Name { get; }

    /// <summary>What it allows and needs.</summary>
    public abstract VenueLimits Limits { get; }

    /// <summary>The venue's own WebSocket address.</summary>
    public abstract string WebSocketUrl { get; }

    /// <summary>The venue's own REST address.</summary>
    public abstract string RestUrl { get; }

    /// <summary>A parser for one connection.</summary>
    public abstract VenueTrades NewParser();

    /// <summary>Where to connect for <paramref name="symbols"/>.</summary>
    public virtual Uri ConnectUrl(Uri endpoint, IReadOnlyList<string> symbols) => endpoint;

    /// <summary>A message that subscribes to <paramref name="symbols"/>, which need no escaping; null where the address did.</summary>
    public virtual string? Subscription(IReadOnlyList<string> symbols) => null;

    /// <summary>Messages that come before the first subscription and are not waited for.</summary>
    public virtual IReadOnlyList<string> Opening => [];

    /// <summary>What is sent every <see cref="VenueLimits.PingEvery"/>; null where WebSocket's own ping does.</summary>
    public virtual string? Ping => null;

    /// <summary>Reads a message that holds no trades.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is not JSON.</exception>
    /// <exception cref="InvalidOperationException">A text in it is none: it has half a character.</exception>
    public abstract Notice ReadNotice(ReadOnlyMemory<byte> json);

    /// <summary>Where the next page of a gap is.</summary>
    /// <param name="endpoint">Address of the venue's REST.</param>
    /// <param name="gap">What is missing.</param>
    /// <param name="next">From the page before; null for the first.</param>
    public abstract Uri RefillUrl(Uri endpoint, Gap gap, long? next);

    /// <summary>Reads a page.</summary>
    /// <exception cref="System.Text.Json.JsonException">It is not JSON.</exception>
    /// <exception cref="InvalidDataException">It does not match the venue's documentation; the message gives the reason.</exception>
    /// <exception cref="InvalidOperationException">The same, of a text that has half a character.</exception>
    public abstract RefillPage ReadRefill(ReadOnlyMemory<byte> json, Gap gap);

    /// <summary><paramref name="path"/> below <paramref name="endpoint"/>, which may have a path of its own.</summary>
    protected static Uri Below(Uri endpoint, string path) => new(endpoint.AbsoluteUri.TrimEnd('/') + path);
}
