using System.Collections.Immutable;

namespace Radar.Api.DeadLetters;

/// <summary>How many dead letters there are, and why.</summary>
/// <param name="Messages">Records that the topic holds; markers of transactions count too.</param>
/// <param name="Counted">Of how many, the newest, <paramref name="Reasons"/> are.</param>
/// <param name="CountedSinceMs">Kafka timestamp of the oldest of those, Unix ms; null where there is none.</param>
/// <param name="Reasons">How many each reason has, the most first.</param>
internal sealed record DeadLetterCounts(
    long Messages, long Counted, long? CountedSinceMs, ImmutableArray<KeyValuePair<string, long>> Reasons);

/// <summary>Counts by reason, from the newest records that there were at first, and all that came since.</summary>
internal sealed class DeadLetterTally
{
    /// <summary>Whoever may write to the topic invents reasons: beyond so many, new ones are counted together.</summary>
    private const int ReasonsMax = 100;

    private const string OtherReasons = "other";

    private readonly Dictionary<string, long> _reasons = new(StringComparer.Ordinal);
    private long _counted;
    private long? _sinceMs;

    public void Add(string reason, long timestampMs)
    {
        string counted = _reasons.ContainsKey(reason) || _reasons.Count < ReasonsMax ? reason : OtherReasons;
        _reasons[counted] = _reasons.GetValueOrDefault(counted) + 1;
        _counted++;
        if (timestampMs > 0)
            _sinceMs = Math.Min(_sinceMs ?? timestampMs, timestampMs);
    }

    /// <summary>What is counted, of a topic with so many records.</summary>
    public DeadLetterCounts Of(long messages) => new(
        messages, _counted, _sinceMs,
        [.. _reasons.OrderByDescending(static reason => reason.Value).ThenBy(static reason => reason.Key, StringComparer.Ordinal)]);
}
