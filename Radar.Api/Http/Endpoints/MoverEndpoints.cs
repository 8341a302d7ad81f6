using Radar.Api.Board;
using Radar.Api.Http.Contract;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>The symbols that moved most since the close of the day before, or since the open of their first day.</summary>
internal sealed class MoverEndpoints(ListRequests lists)
{
    private static readonly IntegerParameter Top = new("top", "Most symbols in each of the two lists.", "5", Min: 1, Max: 50, Default: 10);

    public static readonly QueryParameter[] MoversParameters = [Top, Parameters.MaxStalenessMs];

    public static readonly ApiOperation MoversOperation = new(
        "getMovers",
        "What moved most since the close of the day before",
        "Gainers and losers by percent. The day of a symbol is that of its newest trade, in UTC; on its first day, which has no previous "
            + "close, the change counts from the open, and since says so. Equals are ordered by symbol.",
        MoversParameters,
        typeof(MoversAnswer),
        """{"gainers":[{"symbol":"BTCUSDT","t":"2024-08-08T23:54:15.342Z","p":61712.4,"previous_close":55123.9,"since":"previous_close","""
            + "\"change\":6588.5,\"change_percent\":11.9521}],\"losers\":[],\"meta\":"
            + Examples.ListMeta + "}",
        RouteKind.List);

    public static void Map(IEndpointRouteBuilder v2) =>
        v2.MapGet("/movers", static (HttpContext context, MoverEndpoints endpoints) => endpoints.MoversAsync(context))
            .Describe(MoversOperation);

    private async Task<IResult> MoversAsync(HttpContext context)
    {
        var request = new RequestReader(context.Request, MoversParameters);
        int top = (int)(request.Integer(Top) ?? 0);
        long? maxStalenessMs = request.Integer(Parameters.MaxStalenessMs);
        var opened = await lists.OpenAsync(context, request.Error, symbols: null, maxStalenessMs);
        if (opened.Answer is { } answer)
            return answer;

        var view = opened.Value;
        var gainers = Best(view, top, static change => change);
        var losers = Best(view, top, static change => -change);
        long? newestMs = gainers.Length + losers.Length == 0 ? null : gainers.Concat(losers).Max(ticker => ticker.TimestampMs);
        byte[] head = [.. "{\"gainers\":["u8, .. Join(gainers), .. "],\"losers\":["u8, .. Join(losers)];
        return await lists.WriteAsync(context.Response, view.Version, newestMs, head, [], "],");
    }

    /// <summary>Those that moved in one direction, the furthest first; equals by symbol.</summary>
    /// <param name="view">Of all symbols.</param>
    /// <param name="top">At most so many.</param>
    /// <param name="rank">How far a change goes in that direction.</param>
    private static BoardTicker[] Best(BoardView view, int top, Func<decimal, decimal> rank)
    {
        // The best so far are at most 50, so one pass over a large market keeps a short list instead of sorting it.
        var best = new PriorityQueue<BoardTicker, (decimal Rank, string Symbol)>(Order);
        foreach (BoardTicker ticker in view.Tickers)
        {
            if (ticker.ChangePercent is not { } change || rank(change) <= 0)
                continue;
            if (best.Count < top)
                best.Enqueue(ticker, (rank(change), ticker.Symbol));
            else
                best.EnqueueDequeue(ticker, (rank(change), ticker.Symbol));
        }

        var found = new BoardTicker[best.Count];
        for (int i = found.Length - 1; i >= 0; i--)
            found[i] = best.Dequeue();
        return found;
    }

    private static readonly IComparer<(decimal Rank, string Symbol)> Order = Comparer<(decimal Rank, string Symbol)>.Create(
        static (left, right) => left.Rank == right.Rank ? string.CompareOrdinal(right.Symbol, left.Symbol)
            : left.Rank.CompareTo(right.Rank));

    private static byte[] Join(BoardTicker[] tickers)
    {
        var items = new List<byte>(tickers.Length * 160);
        foreach (BoardTicker ticker in tickers)
        {
            if (items.Count > 0)
                items.Add((byte)',');
            items.AddRange(StoredRecord.Public(ticker.Day).Span);
        }

        return [.. items];
    }
}
