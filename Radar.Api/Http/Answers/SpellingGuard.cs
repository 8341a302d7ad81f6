using Radar.Api.Board;
using Radar.Market;

namespace Radar.Api.Http.Answers;

/// <summary>
/// Refuses reads where the state spells symbols by another rule than this API: it would look for other symbols than were asked for.
/// </summary>
internal sealed class SpellingGuard(LiveBoard board, SymbolRule symbols)
{
    /// <summary>How symbols of requests are read.</summary>
    public SymbolRule Symbols => symbols;

    /// <summary>The problem where the state has another rule; null where it has the same, or there is none yet.</summary>
    public ProblemResult? Check() =>
        board.Status.OtherSpelling(symbols) is { } other ? Problems.Unavailable(other) : null;
}
