using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer.Replay;

/// <summary>One input while it is replayed: its next tick, and the open reader behind it.</summary>
internal sealed class ReplayFile(ReplayInput input, OpenReader open, ILogger logger) : IDisposable
{
    // About a tenth of a second where the content is compressed.
    private const long ProbeBytesMax = 8 << 20;

    private readonly OpenReader _open = open;
    private TickReader? _reader;
    private ReplayReport? _report;
    private Tick _next;

    /// <summary>For people.</summary>
    public string Name => input.Name;

    /// <summary>Name of the innermost file, without its folder.</summary>
    public string FileName => input.FileName;

    /// <summary>
    /// Time of the first tick, Unix ms; what holds none at its beginning comes first, so that it is soon known. A file is opened only when
    /// it is its turn: thousands may lie in a folder.
    /// </summary>
    public long FirstMs { get; private set; }

    /// <summary>Counts of the current round.</summary>
    public ReplayReport? Report => _report;

    /// <summary>The tick that is next; valid after <see cref="TryAdvance"/> returned true.</summary>
    public ref readonly Tick Next => ref _next;

    /// <summary>Looks for the first tick, not further than a start may take.</summary>
    public void Probe(CancellationToken cancellationToken)
    {
        using var reader = Read(new ReplayReport(Name, null, logger), ProbeBytesMax);
        FirstMs = reader.TryRead(out var first, cancellationToken) ? first.TimestampMs : long.MinValue;
    }

    /// <summary>True once the file is open.</summary>
    public bool IsOpen => _reader is not null;

    /// <summary>Opens the file for another round.</summary>
    public void Open(ProducerMetrics metrics)
    {
        _report = new ReplayReport(Name, metrics, logger);
        _reader = Read(_report, long.MaxValue);
    }

    /// <summary>Moves to the next tick; false at the end, where the file is closed.</summary>
    public bool TryAdvance(CancellationToken cancellationToken)
    {
        if (_reader!.TryRead(out _next, cancellationToken))
            return true;
        Dispose();
        if (_report!.Foreign > 0)
            Log.ForeignLines(logger, LogText.Line(Name), _report.Foreign, _report.FirstForeignLine);
        if (_report.Corrections > 0)
            Log.CorrectionLines(logger, LogText.Line(Name), _report.Corrections, _report.FirstCorrectionLine);
        Log.FileDone(logger, LogText.Line(Name), _report.Ticks, _report.Skipped, _report.Broken);
        return false;
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _reader = null;
    }

    private TickReader Read(ReplayReport report, long bytesMax)
    {
        var lines = new LineReader(input.Open(), bytesMax);
        try
        {
            return _open(lines, report);
        }
        catch
        {
            lines.Dispose();
            throw;
        }
    }
}
