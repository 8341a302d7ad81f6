using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer.Replay;

/// <summary>
/// Recorded files, merged by time. Within a file the order is kept as it is, also where times run backwards; at equal times files come
/// in the order of their names.
/// </summary>
internal sealed class ReplayTickSource : ITickSource, IDisposable
{
    private readonly ReplayOptions _options;
    private readonly ReplayFormat _format;
    private readonly ReplayPace _pace;
    private readonly ProducerMetrics _metrics;
    private readonly ILogger<ReplayTickSource> _logger;
    private readonly PriorityQueue<ReplayFile, (long Ms, int Index)> _queue = new();
    private readonly List<ReplayFile> _files = [];
    private readonly Dictionary<ReplayFile, int> _index = [];
    private readonly Dictionary<string, (string First, FormatDescription Description, int Count)> _formats = [];
    private long _ticks;
    private long _ticksBefore;

    public ReplayTickSource(
        IOptions<ProducerOptions> options, ProducerMetrics metrics, TimeProvider time, ILogger<ReplayTickSource> logger)
    {
        _options = options.Value.Replay;
        (_metrics, _logger) = (metrics, logger);
        var spellings = new SymbolSpellings();
        _format = new ReplayFormat(
            _options,
            () => SymbolFormat.TryCreate(options.Value.SymbolFormat, _options.SymbolRule, out var format, spellings)
                ? format
                : throw new InvalidOperationException("Producer:SymbolFormat was checked at start."));
        _pace = new ReplayPace(_options.Speed, time, logger);
    }

    public string Description =>
        $"replay of {_files.Count} {(_files.Count == 1 ? "file" : "files")}, "
        + (_options.Speed > 0 ? $"{_options.Speed:0.###} times the recorded pace" : "as fast as possible")
        + (_options.Loop ? ", again and again" : "");

    public void Open(CancellationToken cancellationToken = default)
    {
        foreach (var held in ReplayPaths.Inputs(_options.Paths).GroupBy(input => input.Path))
            OpenFile([.. held], cancellationToken);
        if (_files.Count == 0)
            throw new ConfigurationException($"Producer:Replay:Paths: nothing in {string.Join(", ", _options.Paths)} can be replayed.");
        foreach (var (first, description, count) in _formats.Values)
            Describe(first, description, count);
        WarnOfAggregates();
        Begin();
    }

    public async ValueTask<int> ReadAsync(Memory<Tick> ticks, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int count = Fill(ticks.Span, out long? nextMs, cancellationToken);
            if (count > 0)
                return count;
            if (nextMs is { } wait)
                await _pace.WaitAsync(wait, cancellationToken);
            else if (!TryBeginAgain())
                return 0;
        }
    }

    public void Dispose()
    {
        foreach (var file in _files)
            file.Dispose();
    }

    /// <summary>
    /// A folder may hold a read-me, and so may a zip; of a file that was named, and holds something, at least one input has to be what
    /// was meant.
    /// </summary>
    private void OpenFile(ReplayInput[] inputs, CancellationToken cancellationToken)
    {
        string? refused = null;
        int before = _files.Count;
        foreach (var input in inputs)
        {
            if (_format.Recognise(input, cancellationToken, out string fault) is not { } found)
            {
                if (fault != ReplayFormat.Empty)
                    refused ??= $"{input.Name}: {fault}";
                Log.FileLeftOut(_logger, LogText.Line(input.Name), LogText.Line(fault));
                continue;
            }

            string key = found.Description.Key;
            _formats[key] = _formats.TryGetValue(key, out var known)
                ? known with { Count = known.Count + 1 }
                : (input.Name, found.Description, 1);
            var file = new ReplayFile(input, found.Open, _logger);
            file.Probe(cancellationToken);
            _index.Add(file, _files.Count);
            _files.Add(file);
        }

        if (inputs[0].IsNamed && _files.Count == before && refused is not null)
            throw new ConfigurationException($"Producer:Replay:Paths: {refused}.");
    }

    /// <summary>Which column is taken as what is logged once for all files that are read alike.</summary>
    private void Describe(string first, FormatDescription description, int count)
    {
        string more = count == 1 ? "" : $" and {count - 1} {(count == 2 ? "file" : "files")} more";
        if (description.Fields.Count > 0)
        {
            Log.FormatTaken(
                _logger, LogText.Line(first), more, LogText.Line(description.Format), LogText.Line(description.FieldsLine),
                LogText.Line(description.UnreadLine));
        }

        foreach (string warning in description.Warnings)
            Log.FormatWarning(_logger, LogText.Line(first), more, LogText.Line(warning));
    }

    /// <summary>Binance's archives have each day as single trades and as aggregates of the same ones.</summary>
    private void WarnOfAggregates()
    {
        const string Aggregates = "-aggTrades-";
        var names = _files.Select(file => file.FileName).ToHashSet(StringComparer.Ordinal);
        string[] twice = [.. names.Where(name => name.Contains(Aggregates, StringComparison.Ordinal)
            && names.Contains(name.Replace(Aggregates, "-trades-", StringComparison.Ordinal)))];
        if (twice.Length > 0)
            Log.SameTradesTwice(_logger, LogText.Line(twice[0]), twice.Length);
    }

    /// <summary>Takes the ticks that are due. <paramref name="nextMs"/> is the time of one that is not, null where there is none.</summary>
    private int Fill(Span<Tick> ticks, out long? nextMs, CancellationToken cancellationToken)
    {
        int count = 0;
        nextMs = null;
        while (count < ticks.Length && _queue.TryPeek(out var file, out var at))
        {
            if (!file.IsOpen)
            {
                file.Open(_metrics);
                Reorder(file, file.TryAdvance(cancellationToken));
                continue;
            }

            if (!_pace.IsDue(at.Ms))
            {
                nextMs = at.Ms;
                break;
            }

            ticks[count++] = file.Next;
            Reorder(file, file.TryAdvance(cancellationToken));
        }

        _ticks += count;
        return count;
    }

    private void Reorder(ReplayFile file, bool hasNext)
    {
        if (!hasNext)
            _queue.Dequeue();
        else
            _queue.DequeueEnqueue(file, (file.Next.TimestampMs, _index[file]));
    }

    private void Begin()
    {
        _pace.Restart();
        foreach (var file in _files)
            _queue.Enqueue(file, (file.FirstMs, _index[file]));
    }

    private bool TryBeginAgain()
    {
        Log.ReplayDone(
            _logger, _ticks - _ticksBefore, _files.Count, _files.Sum(file => file.Report!.Skipped),
            _files.Sum(file => file.Report!.Broken));
        if (!_options.Loop || _ticks == _ticksBefore)
            return false;
        _ticksBefore = _ticks;
        Log.ReplayAgain(_logger);
        Begin();
        return true;
    }
}
