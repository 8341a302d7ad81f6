using Microsoft.Extensions.Options;
using Radar.Api.Board;
using Radar.Api.Queries;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults.Control;

namespace Radar.Api.Http.Control;

/// <summary>
/// <c>POST /control/verify</c>: reads a symbol as the API serves it, folds its log again up to the versions of those answers, and compares.
/// The system goes on meanwhile.
/// </summary>
internal sealed class Verification(SymbolReads reads, LogReader log, SymbolRule symbols, IOptions<KafkaOptions> kafka)
{
    /// <summary>Compares one symbol.</summary>
    /// <exception cref="ControlException">A bad argument, an unknown symbol, or Kafka or Redis does not answer.</exception>
    public async Task<ControlResult> VerifyAsync(VerifyRequest request, CancellationToken cancellationToken)
    {
        if (!symbols.TryNormalize(request.Symbol, out string symbol))
            throw new ControlException(StatusCodes.Status400BadRequest, $"symbol '{request.Symbol}' is none; BTCUSDT is one.");
        if (!Timeframe.TryParse(request.Timeframe, out var timeframe))
        {
            throw new ControlException(
                StatusCodes.Status400BadRequest, $"timeframe '{request.Timeframe}' is unknown; one of {string.Join(", ", Timeframe.All)}.");
        }

        try
        {
            return await VerifyAsync(symbol, timeframe, cancellationToken);
        }
        catch (Exception e) when (StoreFaults.IsAway(e))
        {
            throw new ControlException(
                StatusCodes.Status503ServiceUnavailable, "The state cannot be read: Redis does not answer. Start it, then try again.");
        }
    }

    private async Task<ControlResult> VerifyAsync(string symbol, Timeframe timeframe, CancellationToken cancellationToken)
    {
        var lookup = await reads.FindAsync(Deadline.None, symbol);
        if (lookup.Location is not { } served)
        {
            throw new ControlException(
                StatusCodes.Status404NotFound,
                lookup.NothingIngested ? "No consumer has written anything yet; is it running?"
                    : $"The API has no symbol {symbol}; /api/v2/symbols lists those that it has.");
        }

        var trades = await reads.TradesAsync(Deadline.None, served.Keys, symbol);
        var bars = await reads.BarsAsync(Deadline.None, served.Keys, symbol, timeframe, 0, Rfc3339.UnixMsMax, descending: false, limit: -1);
        if (trades.Location is not { } tradesAt || bars.Location is not { } barsAt)
        {
            return new ControlResult(
                false, $"{symbol} is different.",
                $"The API serves **{symbol}** at version `{AnswerVersion.Of(served)}`, but Redis no longer has it.");
        }

        var latest = new Comparison("latest", AnswerVersion.Of(served), 1);
        var stored = new Comparison("latest in Redis", AnswerVersion.Of(tradesAt), 1);
        var kept = new Comparison("trades", AnswerVersion.Of(tradesAt), trades.Records.Count);
        var frames = new Comparison($"bars {timeframe}", AnswerVersion.Of(barsAt), bars.Records.Count);
        LogStop[] stops =
        [
            new(served.Position.Offset, (fold, begin) => latest.Latest(fold, served.Latest, begin)),
            new(tradesAt.Position.Offset, (fold, begin) =>
            {
                stored.Latest(fold, tradesAt.Latest, begin);
                kept.Trades(fold, [.. trades.Records], begin);
            }),
            new(barsAt.Position.Offset, (fold, begin) => frames.Bars(fold, timeframe, [.. bars.Records], begin)),
        ];
        var part = await Task.Run(() => log.Fold(symbol, served.Keys.Partition, stops, cancellationToken), cancellationToken);
        return Report(symbol, served.Keys.Partition, part, [latest, stored, kept, frames]);
    }

    private ControlResult Report(string symbol, int partition, LogPart part, Comparison[] comparisons)
    {
        bool equal = comparisons.All(comparison => comparison.IsEqual);
        int unverifiable = comparisons.Sum(comparison => comparison.Unverifiable);
        string verdict = !equal ? $"{symbol} is different."
            : unverifiable > 0 ? $"{symbol} is equal as far as the log reaches back; {unverifiable} items are older."
            : $"{symbol} is equal.";
        string reach = part.Begin > 0
            ? $"The log begins at offset {part.Begin} only: older records are gone (retention), and what was made of them cannot be "
                + $"checked."
            : "The log reaches back to its beginning.";
        string read = $"Partition {partition} of `{kafka.Value.Topic}`: {part.Records} records read, {part.Ticks} ticks of {symbol}.";
        string differences = string.Join('\n', comparisons.SelectMany(comparison => comparison.Differences));
        return new ControlResult(
            equal,
            verdict,
            $"""
            **{verdict}** {read} {reach}

            | what | version | API | as in the log | result |
            |---|---|---|---|---|
            {string.Join('\n', comparisons.Select(comparison => comparison.Row))}

            {differences}
            """);
    }
}

/// <summary>Body of the request.</summary>
/// <param name="Symbol">In any case, unless case counts.</param>
/// <param name="Timeframe">Whose bars are compared; a name or an alias.</param>
internal sealed record VerifyRequest(string? Symbol = null, string Timeframe = "1Min");
