using Radar.Api.Access;

namespace Radar.Api.Streaming;

/// <summary>Which clients subscribe to which symbol.</summary>
internal sealed class StreamRoutes
{
    private readonly HashSet<StreamClient> _clients = [];
    private readonly Dictionary<string, HashSet<StreamClient>> _bySymbol = new(StringComparer.Ordinal);
    private readonly Dictionary<StreamWish, HashSet<StreamClient>> _ofAll = [];

    public bool IsEmpty => _clients.Count == 0;

    public IReadOnlyCollection<StreamClient> Clients => _clients;

    /// <summary>Clients of every symbol that they may see, by what they want of them: equal wishes get equal bytes.</summary>
    public IReadOnlyDictionary<StreamWish, HashSet<StreamClient>> OfAll => _ofAll;

    /// <summary>Clients that named <paramref name="symbol"/>; null where there are none.</summary>
    public IReadOnlyCollection<StreamClient>? Of(string symbol) => _bySymbol.GetValueOrDefault(symbol);

    /// <summary>Clients that want the trades of <paramref name="symbol"/>.</summary>
    public IEnumerable<StreamClient> OfTrades(string symbol) =>
        _ofAll.Where(route => route.Key.Channels.Trades && route.Key.Allowed?.Allow(symbol) != false).SelectMany(route => route.Value)
            .Concat((Of(symbol) ?? []).Where(client => client.Request.Channels.Trades));

    /// <summary>
    /// Clients of every symbol, and those that named one for which <paramref name="isMeant"/> holds; each symbol is looked at once.
    /// </summary>
    public HashSet<StreamClient> Wanting(Predicate<string> isMeant) =>
        [.. _ofAll.Values.Concat(_bySymbol.Where(route => isMeant(route.Key)).Select(route => route.Value)).SelectMany(clients => clients)];

    public void Add(StreamClient client)
    {
        if (!_clients.Add(client))
            return;
        if (client.Request.Symbols is not { } symbols)
        {
            Put(_ofAll, StreamWish.Of(client.Request), client);
            return;
        }

        foreach (string symbol in symbols)
            Put(_bySymbol, symbol, client);
    }

    public void Remove(StreamClient client)
    {
        if (!_clients.Remove(client))
            return;
        if (client.Request.Symbols is not { } symbols)
        {
            Take(_ofAll, StreamWish.Of(client.Request), client);
            return;
        }

        foreach (string symbol in symbols)
            Take(_bySymbol, symbol, client);
    }

    public void Clear()
    {
        _clients.Clear();
        _bySymbol.Clear();
        _ofAll.Clear();
    }

    private static void Put<TKey>(Dictionary<TKey, HashSet<StreamClient>> routes, TKey key, StreamClient client)
        where TKey : notnull
    {
        if (!routes.TryGetValue(key, out var clients))
            routes.Add(key, clients = []);
        clients.Add(client);
    }

    private static void Take<TKey>(Dictionary<TKey, HashSet<StreamClient>> routes, TKey key, StreamClient client)
        where TKey : notnull
    {
        if (routes[key].Remove(client) && routes[key].Count == 0)
            routes.Remove(key);
    }
}

/// <summary>What a client of every symbol gets of a change.</summary>
/// <param name="Channels">What of the symbols.</param>
/// <param name="Allowed">Which symbols; null is all.</param>
internal readonly record struct StreamWish(StreamChannels Channels, SymbolPatterns? Allowed)
{
    public static StreamWish Of(StreamRequest request) => new(request.Channels, request.Allowed);
}
