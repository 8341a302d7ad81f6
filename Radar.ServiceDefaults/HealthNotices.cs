using System.Collections.Concurrent;

namespace Radar.ServiceDefaults;

/// <summary>
/// Records that went to the dead letters and that an operator should look at: health is degraded and reports them for a while, since
/// nobody looks at that very moment. Any thread.
/// </summary>
public sealed class HealthNotices(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Notice> _notices = [];

    /// <summary>The notice that is newest among those that still hold; null where there is none.</summary>
    public string? Now => _notices.Values
        .Where(notice => time.GetElapsedTime(notice.Since) < notice.For)
        .MaxBy(notice => notice.Since)?.Text;

    /// <summary>Replaces the notice of the same <paramref name="kind"/>.</summary>
    /// <param name="kind">One of a few.</param>
    /// <param name="text">A sentence.</param>
    /// <param name="duration">How long it holds.</param>
    public void Add(string kind, string text, TimeSpan duration) => _notices[kind] = new Notice(text, time.GetTimestamp(), duration);

    private sealed record Notice(string Text, long Since, TimeSpan For);
}
