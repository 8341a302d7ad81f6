using System.Net;
using System.Text.Json;
using Radar.Market;
using Radar.Producer.Venues.Protocol;
using Radar.ServiceDefaults;

namespace Radar.Producer.Live;

/// <summary>What became of a gap.</summary>
/// <param name="Gap">What was missing.</param>
/// <param name="Trades">What was found, by id.</param>
/// <param name="Missed">Ids that stay missing, as ranges.</param>
/// <param name="Why">Why they do, for people.</param>
/// <param name="ReachesEnd">Where ids do not count: whether the trade behind the gap was found, so that nothing newer is missing.</param>
internal sealed record Refilled(
    Gap Gap, IReadOnlyList<Tick> Trades, IReadOnlyList<(long First, long Last)> Missed, string Why, bool ReachesEnd = true);

/// <summary>Asks a venue's REST for missing trades: at its pace, with a few attempts, within a time, and never longer than that.</summary>
internal sealed class GapRefill(VenueProtocol venue, Uri? endpoint, LiveOptions options, HttpClient http, Pace pace, TimeProvider time)
{
    private const int PageTradesUsual = 1000;
    private static readonly TimeSpan RetryFirst = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(32);

    /// <summary>
    /// Finds what it can of a gap, until <paramref name="giveUp"/> at the latest. The newest trade may reach REST later than the stream;
    /// such are asked for again.
    /// </summary>
    public async Task<Refilled> FillAsync(Gap gap, CancellationToken giveUp, CancellationToken stop)
    {
        if (!gap.IsNumbered)
            return await FillNamedAsync(gap, giveUp, stop);
        var seen = new SortedDictionary<long, Tick>();
        if (endpoint is null)
            return Result(gap, seen, NoRest);
        using var end = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.RefillMs), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, giveUp, stop);
        try
        {
            return Result(gap, seen, await FindAsync(gap, seen, either.Token));
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Result(gap, seen, GivenUp(giveUp));
        }
    }

    private string NoRest => venue.RestUrl.Length == 0 ? "the venue has no REST for it" : "Producer:Live:RestUrl is empty";

    private string GivenUp(CancellationToken giveUp) => giveUp.IsCancellationRequested
        ? $"{options.HeldTicksMax} ticks waited, Producer:Live:HeldTicksMax"
        : $"not done in {options.RefillMs} ms, Producer:Live:RefillMs";

    /// <summary>Where ids do not count: takes the newest trades that REST gives, once they hold the one behind the gap.</summary>
    private async Task<Refilled> FillNamedAsync(Gap gap, CancellationToken giveUp, CancellationToken stop)
    {
        var seen = new Dictionary<TradeId, Tick>();
        if (endpoint is null)
            return Named(NoRest);
        using var end = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.RefillMs), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, giveUp, stop);
        try
        {
            var backoff = new Backoff(RetryFirst, RetryMax);
            for (int attempt = 1; ; attempt++)
            {
                var (fault, mayHelp, _) = await TryFetchAsync(gap, null, trade => seen[trade.TradeId] = trade, either.Token);
                if (attempt == options.RefillAttemptsMax || (fault is null ? seen.ContainsKey(gap.Next) : !mayHelp))
                    return Named(fault ?? (seen.ContainsKey(gap.Next) ? "the venue has no older trades" : "the venue has no newer trades"));
                await Task.Delay(backoff.Next(), time, either.Token);
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Named(GivenUp(giveUp));
        }

        Refilled Named(string why) => new(
            gap, [.. seen.Values.Where(trade => trade.TradeId != gap.Next).OrderBy(trade => trade.TimestampMs)], [], why,
            seen.ContainsKey(gap.Next));
    }

    /// <summary>Adds to <paramref name="seen"/>. Returns why what it lacks cannot be had.</summary>
    private async Task<string> FindAsync(Gap gap, SortedDictionary<long, Tick> seen, CancellationToken cancellationToken)
    {
        var asked = gap with { First = Math.Max(gap.First, gap.Last - options.RefillTradesMax + 1) };
        var backoff = new Backoff(RetryFirst, RetryMax);
        long? next = null;
        for (int attempt = 1; ; attempt++)
        {
            (string? fault, bool mayHelp, next) = await TryFetchAsync(
                asked, next, trade => seen[trade.TradeId.Number!.Value] = trade, cancellationToken);
            bool reachesEnd = seen.Count > 0 && seen.Keys.Last() >= gap.Last;
            if (attempt == options.RefillAttemptsMax || (fault is null ? reachesEnd : !mayHelp))
            {
                return asked.First > gap.First ? $"only {options.RefillTradesMax} are asked for (Producer:Live:RefillTradesMax)"
                    : fault ?? (reachesEnd ? "the venue has no older trades" : "the venue has no newer trades");
            }

            await Task.Delay(backoff.Next(), time, cancellationToken);
        }
    }

    /// <summary>
    /// Asks page by page, from <paramref name="next"/> on. A fault, whether another attempt may help, and where it goes on; or null and
    /// nothing.
    /// </summary>
    private async Task<(string? Fault, bool MayHelp, long? Next)> TryFetchAsync(
        Gap gap, long? next, Action<Tick> add, CancellationToken cancellationToken)
    {
        int pages = (options.RefillTradesMax / PageTradesUsual) + 2;
        try
        {
            do
            {
                await pace.WaitAsync(cancellationToken);
                using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(options.RestTimeoutMs), time);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
                using var answer = await http.GetAsync(venue.RefillUrl(endpoint!, gap, next), either.Token);
                if (!answer.IsSuccessStatusCode)
                {
                    pace.Pause(RetryAfter.Of(answer.StatusCode, answer.Headers.RetryAfter?.ToString(), time));
                    return ($"HTTP {(int)answer.StatusCode}", (int)answer.StatusCode is >= 500 or 429 or 418 or 408, next);
                }

                var page = venue.ReadRefill(await answer.Content.ReadAsByteArrayAsync(either.Token), gap);
                foreach (var trade in page.Trades)
                    add(trade);
                next = page.Trades.Count > 0 && page.Next != next ? page.Next : null;
            }
            while (next is not null && --pages > 0);
            return (null, true, null);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException or InvalidDataException or InvalidOperationException)
        {
            // JsonElement throws InvalidOperationException for a text with an unpaired surrogate.
            return (e.Message, true, next);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return ($"no answer in {options.RestTimeoutMs} ms", true, next);
        }
    }

    private Refilled Result(Gap gap, SortedDictionary<long, Tick> seen, string why)
    {
        Tick[] found = [.. seen.Where(trade => trade.Key >= gap.First && trade.Key <= gap.Last).Select(trade => trade.Value)];
        var missed = new List<(long, long)>();
        if (venue.Limits.RestHasHoles && seen.Count > 0)
        {
            // Ids between two returned trades do not exist.
            if (seen.Keys.First() is var first && first > gap.First)
                missed.Add((gap.First, Math.Min(gap.Last, first - 1)));
            if (seen.Keys.Last() is var last && last < gap.Last)
                missed.Add((Math.Max(gap.First, last + 1), gap.Last));
        }
        else
        {
            long expected = gap.First;
            foreach (var trade in found)
            {
                long id = trade.TradeId.Number!.Value;
                if (id > expected)
                    missed.Add((expected, id - 1));
                expected = id + 1;
            }

            if (expected <= gap.Last)
                missed.Add((expected, gap.Last));
        }

        return new Refilled(gap, found, missed, why);
    }
}
