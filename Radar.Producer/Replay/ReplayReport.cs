using Radar.ServiceDefaults;

namespace Radar.Producer.Replay;

/// <summary>Counts the lines of a file by outcome, and logs where the first broken ones are.</summary>
/// <param name="file">For people.</param>
/// <param name="metrics">Null counts here only and logs nothing: a file is examined before it is replayed.</param>
/// <param name="logger">Receives broken lines.</param>
internal sealed class ReplayReport(string file, ProducerMetrics? metrics, ILogger logger)
{
    // Broken lines of one kind must not hide another, such as the end of a cut file.
    private const int ToldMax = 5;
    private const int ReasonsMax = 20;

    private readonly HashSet<string> _reasons = new(StringComparer.Ordinal);
    private readonly List<(long Line, string Reason)> _firstBroken = [];

    /// <summary>Ticks read.</summary>
    public long Ticks { get; private set; }

    /// <summary>Lines that are no trades.</summary>
    public long Skipped { get; private set; }

    /// <summary>Lines that cannot be read.</summary>
    public long Broken { get; private set; }

    /// <summary>Messages of a capture that are of no venue that Radar reads.</summary>
    public long Foreign { get; private set; }

    /// <summary>The first of <see cref="Foreign"/>, from 1.</summary>
    public long FirstForeignLine { get; private set; }

    /// <summary>Corrections and cancels that do not count.</summary>
    public long Corrections { get; private set; }

    /// <summary>The first of <see cref="Corrections"/>, from 1.</summary>
    public long FirstCorrectionLine { get; private set; }

    /// <summary>The first broken lines, those of each further reason, and why they are, for people.</summary>
    public IReadOnlyList<(long Line, string Reason)> FirstBroken => _firstBroken;

    public void Tick() => Ticks++;

    /// <summary>A line is a correction or a cancel, and does not count.</summary>
    /// <param name="line">From 1.</param>
    public void LineCorrection(long line)
    {
        if (Corrections++ == 0)
            FirstCorrectionLine = line;
        metrics?.LineCorrection();
    }

    /// <summary>A line is no trade.</summary>
    public void LineSkipped()
    {
        Skipped++;
        metrics?.LineSkipped();
    }

    /// <summary>A line is of no venue that Radar reads, and may be a trade of another.</summary>
    /// <param name="line">From 1.</param>
    public void LineForeign(long line)
    {
        if (Foreign++ == 0)
            FirstForeignLine = line;
        metrics?.LineForeign();
    }

    /// <summary>A line cannot be read.</summary>
    /// <param name="line">From 1.</param>
    /// <param name="reason">For people, without a full stop.</param>
    public void LineBroken(long line, string reason)
    {
        bool isNew = _reasons.Count < ReasonsMax && _reasons.Add(reason);
        bool isTold = Broken++ < ToldMax || isNew;
        if (isTold)
            _firstBroken.Add((line, LogText.Line(reason)));
        metrics?.LineBroken();
        if (metrics is not null && isTold)
            Log.BrokenLine(logger, LogText.Line(file), line, LogText.Line(reason));
    }
}
