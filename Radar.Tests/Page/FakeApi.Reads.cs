using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Radar.Tests.Page;

/// <content>The reads that the page makes.</content>
internal sealed partial class FakeApi
{
    private string Meta => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"version":"1-0badcafe-{{_market.Offset}}","event_time":null,"age_ms":null,"lag_ms":0"""
            + $$""","stale":{{(Stale ? "true" : "false")}}}""");

    private void MapReads(WebApplication app)
    {
        app.MapGet("/api/v2/lag", LagAsync);
        app.MapGet("/health", context => JsonAsync(context, Health));
        app.MapGet("/api/v2/dead-letters", (HttpContext context, int limit) => DeadLetters is { } answer
            ? JsonAsync(context, answer(limit, context.Request.Query["page_token"].FirstOrDefault()))
            : ProblemAsync(context, DeadLettersStatus, "Kafka does not answer."));
        app.MapGet("/api/v2/tickers/{**symbol}", (HttpContext context, string symbol) => IsLoaded
            ? OfSymbolAsync(context, symbol, name => _market.Trades(name)[^1].Item[1..^1])
            : ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "The state is being read from Redis. Try again."));
        app.MapGet("/api/v2/trades/{**symbol}", (HttpContext context, string symbol, int limit) =>
            OfSymbolAsync(context, symbol,
                name => $"\"trades\":[{string.Join(',', _market.Trades(name).Reverse().Take(limit).Select(trade => trade.Item))}]"));
        app.MapGet("/api/v2/bars/{**symbol}", (HttpContext context, string symbol, string timeframe, int limit) =>
            OfSymbolAsync(context, symbol, name => $"\"bars\":[{string.Join(',', _market.Bars(name, timeframe).Reverse().Take(limit))}]"));
        app.MapGet("/api/v2/snapshots", (HttpContext context, string symbols) => JsonAsync(context, _market.Still(() =>
            $$"""{"snapshots":[{{string.Join(',', symbols.Split(',').Where(_market.Knows).Select(_market.DaySnapshot))}}]"""
                + $$""","meta":{{Meta}}}""")));
        app.MapGet("/api/v2/movers", (HttpContext context, int top) => JsonAsync(context, _market.Still(() =>
        {
            var (gainers, losers) = _market.Movers(top);
            return $$"""{"gainers":[{{string.Join(',', gainers)}}],"losers":[{{string.Join(',', losers)}}],"meta":{{Meta}}}""";
        })));
    }

    /// <summary>What <c>/health</c> answers. By itself it is an API that shows its checks to operators only.</summary>
    public string Health { get; set; } = """{"status":"Healthy"}""";

    /// <summary>An answer of <c>/api/v2/dead-letters</c> by its limit and page token; null makes it a problem.</summary>
    public Func<int, string?, string>? DeadLetters { get; set; } = static (_, _) =>
        """{"topic":"market-ticks.dlq","messages":0,"counted":0,"reasons":[],"dead_letters":[],"next_page_token":null}""";

    public int DeadLettersStatus { get; set; } = StatusCodes.Status404NotFound;

    /// <summary>False: an unknown symbol may well be known later.</summary>
    public bool IsLoaded { get; set; } = true;

    private Task LagAsync(HttpContext context)
    {
        if (Lag is not { } lag)
            return ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "Kafka does not answer where the topic ends. Try again.");
        long end = _market.Offset + lag.Messages;
        return JsonAsync(context, string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"messages":{{lag.Messages}},"seconds":{{lag.Seconds}},"partitions":[{"partition":0,"position":{{_market.Offset}}"""
                + $$""","end":{{end}},"messages":{{lag.Messages}},"seconds":{{lag.Seconds}}}]}"""));
    }

    /// <summary>Called with the path and query of a read of one symbol, before the state is read and when it was.</summary>
    public Func<string, bool, Task> Reading { get; set; } = static (_, _) => Task.CompletedTask;

    private async Task OfSymbolAsync(HttpContext context, string symbol, Func<string, string> list)
    {
        string read = context.Request.Path + context.Request.QueryString;
        await Reading(read, false);
        symbol = Uri.UnescapeDataString(symbol); // %2F is left as it is in paths
        string? body = _market.Still(() => _market.Knows(symbol)
            ? $$"""{"symbol":"{{symbol}}",{{list(symbol)}},"next_page_token":null,"meta":{{Meta}}}"""
            : null);
        await Reading(read, true);
        await (body is not null
            ? JsonAsync(context, body)
            : ProblemAsync(context, StatusCodes.Status404NotFound, $"{symbol} is unknown: no trade of it has been ingested."));
    }

    private static Task JsonAsync(HttpContext context, string body)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(body);
    }
}
