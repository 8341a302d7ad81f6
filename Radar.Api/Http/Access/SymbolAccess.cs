using Radar.Api.Access;
using Radar.Api.Http.Answers;

namespace Radar.Api.Http.Access;

/// <summary>Refuses symbols that a caller named and may not see; lists leave them out instead.</summary>
internal sealed class SymbolAccess(AccessMetrics metrics)
{
    /// <summary>The problem where one of the symbols is forbidden.</summary>
    /// <param name="context">The request.</param>
    /// <param name="symbols">Normalized.</param>
    public ProblemResult? Check(HttpContext context, IEnumerable<string> symbols)
    {
        if (Caller.Of(context)?.Symbols is not { } patterns)
            return null;
        string[] forbidden = [.. symbols.Where(symbol => !patterns.Allow(symbol)).Order(StringComparer.Ordinal).Take(10)];
        if (forbidden.Length == 0)
            return null;
        metrics.Refused("symbol");
        return new ProblemResult(Problems.Of(
            StatusCodes.Status403Forbidden, $"This key may not see {string.Join(", ", forbidden)}, but {patterns}.", "symbol"));
    }
}
