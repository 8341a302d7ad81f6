namespace Radar.Producer.Venues;

/// <summary>
/// The parsers of one capture, each made once: what a parser remembers of a market has to outlive a host that alternates with another.
/// </summary>
internal sealed class VenueParsers
{
    private readonly BinanceTrades _binance = new();
    private readonly BinanceTrades _binanceUs = new(BinanceMarket.Us);
    private readonly BinanceTrades _binanceCoin = new(BinanceMarket.CoinFutures);
    private readonly CoinbaseTrades _coinbase = new();
    private readonly KrakenTrades _kraken = new();
    private readonly BitstampTrades _bitstamp = new();

    public VenueParsers()
    {
        All = [_binance, _binanceUs, _binanceCoin, _coinbase, _kraken, _bitstamp];
        ByMessage = [_binance, _coinbase, _kraken, _bitstamp];
    }

    /// <summary>Every parser that there is.</summary>
    public VenueTrades[] All { get; }

    /// <summary>One of each venue, where only the messages tell which one it is.</summary>
    public VenueTrades[] ByMessage { get; }

    /// <summary>The host's own parser and after it those of other venues; none for a venue that Radar does not read.</summary>
    public VenueTrades[] ByHost(string host)
    {
        VenueTrades? own = ForHost(host);
        return own is null ? [] : [own, .. ByMessage.Where(other => other.GetType() != own.GetType())];
    }

    /// <summary>The parser for a WebSocket host, or null for a venue that Radar does not read.</summary>
    public VenueTrades? ForHost(string host)
    {
        string[] labels = host.ToLowerInvariant().Split('.');
        return labels.Length < 2 ? null : $"{labels[^2]}.{labels[^1]}" switch
        {
            "binance.com" when labels[0] == "dstream" => _binanceCoin,
            "binance.com" or "binance.vision" => _binance,
            "binance.us" => _binanceUs,
            "coinbase.com" => _coinbase,
            "kraken.com" => _kraken,
            "bitstamp.net" => _bitstamp,
            _ => null,
        };
    }
}
