using Radar.Api.Freshness;
using Radar.Market;

namespace Radar.Api.Http.Answers;

/// <summary>What is answered about a symbol that was not found.</summary>
internal sealed class UnknownSymbols(Staleness staleness, SymbolRule rule)
{
    /// <summary>A symbol is unknown only to a state that is as far as the topic; before that, it may be in what is missing.</summary>
    /// <param name="symbols">One, or several separated by commas.</param>
    /// <param name="nothingIngested">No consumer has written anything yet.</param>
    /// <param name="parameter">Which named them.</param>
    public ProblemResult Problem(string symbols, bool nothingIngested, string parameter = "symbol") => MayCome(symbols)
        ?? Problems.NotFound(nothingIngested
            ? $"{symbols} is unknown: nothing has been ingested yet. Are producer and consumer running?"
            : $"{symbols} is unknown: no trade of it has been ingested."
                + (rule.KeepsCase ? " Case counts here: /api/v2/symbols has the spellings." : ""),
        parameter);

    /// <summary>The problem where the state may lack a symbol that exists; null where it does not.</summary>
    /// <param name="symbols">As of <see cref="Problem"/>.</param>
    public ProblemResult? MayCome(string symbols)
    {
        if (!staleness.MayLackSymbols(out long? lagMs))
            return null;
        return Problems.Unavailable(lagMs is null
            ? $"Whether there is {symbols} is not known: it is unknown how far the state is behind the topic. Try again."
            : $"Whether there is {symbols} is not known yet: the state is {lagMs} ms behind the topic. Try again.");
    }
}
