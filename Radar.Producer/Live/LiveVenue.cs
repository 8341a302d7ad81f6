using Radar.Market;
using Radar.Producer.Venues;

namespace Radar.Producer.Live;

/// <summary>What a venue says beside trades.</summary>
internal enum NoticeKind
{
    /// <summary>Nothing that matters here: a heartbeat, a status.</summary>
    None,

    /// <summary>A subscription stands.</summary>
    Subscribed,

    /// <summary>The venue does not know a symbol.</summary>
    Refused,

    /// <summary>Another complaint of the venue's, which may pass.</summary>
    Error,

    /// <summary>The server is about to end the connection.</summary>
    Shutdown,

    /// <summary>Not a message that the venue is known to send.</summary>
    Unknown,
}

/// <summary>A message beside trades.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Symbol">The symbol that it is about; null is what was asked for last.</param>
/// <param name="Text">The venue's own words, where it complains.</param>
internal readonly record struct Notice(NoticeKind Kind, string? Symbol = null, string? Text = null);

/// <summary>A page of trades from a venue's REST.</summary>
/// <param name="Trades">In any order.</param>
/// <param name="Next">Where to read on, for <see cref="LiveVenue.RefillUrl"/>; null is nowhere.</param>
internal readonly record struct RefillPage(IReadOnlyList<Tick> Trades, long? Next);

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

    /// <summary>Whether ids are left out in the stream.</summary>
    public bool IdsHaveHoles { get; init; }

    /// <summary>Whether ids are left out by REST, where trades before and after them are told.</summary>
    public bool RestHasHoles { get; init; }
}

/// <summary>What is particular to a venue: addresses, limits, messages. Stateless.</summary>
internal abstract class LiveVenue
{
    /// <summary>Its name in ticks, market included.</summary>
    public abstract string Name { get; }

    /// <summary>What it allows and needs.</summary>
    public abstract VenueLimits Limits { get; }

    /// <summary>The venue's own WebSocket address.</summary>
    public abstract string WebSocketUrl { get; }

    /// <summary>The venue's own REST address.</summary>
    public abstract string RestUrl { get; }

    /// <summary>Whether a source is a live venue.</summary>
    public static bool IsLive(SourceKind source) => source is SourceKind.Binance or SourceKind.Coinbase or SourceKind.Kraken;

    /// <summary>The venue of a source.</summary>
    public static LiveVenue Of(SourceKind source, LiveMarket market) => source switch
    {
        SourceKind.Binance => new BinanceVenue(market),
        SourceKind.Coinbase => new CoinbaseVenue(),
        SourceKind.Kraken => new KrakenVenue(),
        _ => throw new InvalidOperationException($"{source} is no live venue."),
    };

    /// <summary>A parser for one connection.</summary>
    public abstract VenueTrades NewParser();

    /// <summary>Where to connect for <paramref name="symbols"/>.</summary>
    public virtual Uri ConnectUrl(Uri endpoint, IReadOnlyList<string> symbols) => endpoint;

    /// <summary>A message that subscribes to <paramref name="symbols"/>, which need no escaping; null where the address did.</summary>
    public virtual string? Subscription(IReadOnlyList<string> symbols) => null;

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
    /// <exception cref="InvalidDataException">It is not what the venue's documentation says; the message tells why.</exception>
    /// <exception cref="InvalidOperationException">The same, of a text that has half a character.</exception>
    public abstract RefillPage ReadRefill(ReadOnlyMemory<byte> json, Gap gap);

    /// <summary><paramref name="path"/> below <paramref name="endpoint"/>, which may have a path of its own.</summary>
    protected static Uri Below(Uri endpoint, string path) => new(endpoint.AbsoluteUri.TrimEnd('/') + path);
}
