using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Radar.Tests.EndToEnd;

/// <summary>
/// The only logger of an AppHost under test: its own lines, and those of its resources' consoles, which Aspire forwards as the category
/// <c>Radar.AppHost.Resources.&lt;name&gt;</c>. Both are kept up to a limit and shown by a test that fails; none goes to the test's output.
/// </summary>
internal sealed partial class AppHostLog : ILoggerProvider
{
    private const int LinesMax = 5000;
    private const int LineLengthMax = 400; // a stack trace in one line
    private const string OfResource = ".Resources.";

    private readonly ConcurrentDictionary<string, ConcurrentQueue<Line>> _lines = new();

    /// <summary>Name of the AppHost's own log beside those of its resources.</summary>
    public const string Own = "AppHost";

    /// <summary>The AppHost and those of its resources that wrote something.</summary>
    public IEnumerable<string> Sources => _lines.Keys.Order(StringComparer.Ordinal);

    /// <summary>The newest lines of one source.</summary>
    public IEnumerable<string> Last(string source, int count) =>
        _lines.TryGetValue(source, out var lines) ? lines.TakeLast(count).Select(line => line.Text) : [];

    /// <summary>
    /// Every line at Warning or above (of a Kafka broker: Error) that came since then, with its source and the lines that continue it.
    /// </summary>
    public IReadOnlyList<string> Complaints(DateTimeOffset since) =>
    [
        .. Sources.SelectMany(
            source => Complaints([.. _lines[source].Where(line => line.Time >= since)]).Select(complaint => $"{source}: {complaint}")),
    ];

    /// <summary>A console's lines at Warning or above, as <see cref="Complaints()"/> gives them.</summary>
    public static IEnumerable<string> ComplaintsOf(IEnumerable<string> console) =>
        Complaints([.. console.Select(line => OfConsole(line, isError: false))]);

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
        // The lines are read after the AppHost is gone.
    }

    private static IEnumerable<string> Complaints(Line[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
        {
            if (!lines[i].IsComplaint)
                continue;
            var more = lines.Skip(i + 1).Select(line => line.Text).TakeWhile(text => Continuation().IsMatch(text))
                .Select(text => Continuation().Replace(text, ""));
            yield return string.Join(' ', more.Prepend(lines[i].Text));
        }
    }

    private void Keep(string source, Line line)
    {
        var lines = _lines.GetOrAdd(source, _ => new());
        lines.Enqueue(line);
        while (lines.Count > LinesMax)
            lines.TryDequeue(out _);
    }

    private static Line OfConsole(string content, bool isError)
    {
        string text = Short(Colour().Replace(content, ""));
        return new Line(Now, text, isError || Level().IsMatch(text));
    }

    private static string Short(string line) => line.Length <= LineLengthMax ? line : line[..LineLengthMax] + " …";

    [GeneratedRegex(@"\x1B\[[0-9;]*m")]
    private static partial Regex Colour();

    // Aspire puts the time before every line. The lines of a message come below its level and category.
    [GeneratedRegex(@"^(\d{4}-\S+Z )? {6}")]
    private static partial Regex Continuation();

    // .NET's console: `warn: Category[1]`; a Kafka broker's: `[2026-11-28 10:00:00,000] ERROR …`, since its own WARN comes at every first
    // start of an empty directory and at every stop. A broker that starts may register with its own controller before that is active, logs
    // an ERROR, and tries again.
    [GeneratedRegex(@"^(\d{4}-\S+Z )?((warn|fail|crit): |\[[^\]]+\] (ERROR|FATAL) (?!\[ControllerApis .*apiKey=CONTROLLER_REGISTRATION))")]
    private static partial Regex Level();

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private readonly record struct Line(DateTimeOffset Time, string Text, bool IsComplaint);

    private sealed class Category(AppHostLog log, string name) : ILogger
    {
        private readonly string? _resource =
            name.IndexOf(OfResource, StringComparison.Ordinal) is >= 0 and var at ? name[(at + OfResource.Length)..] : null;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string message = formatter(state, exception);
            if (_resource is not null)
            {
                log.Keep(_resource, OfConsole(Content(state) ?? message, isError: logLevel >= LogLevel.Error));
                return;
            }

            string text = $"{logLevel}: {name}: {message} {exception?.GetType().Name} {exception?.Message}";
            log.Keep(Own, new Line(Now, Short(text.TrimEnd()), logLevel >= LogLevel.Warning));
        }

        /// <summary>The line as the resource wrote it; the message has its number before it.</summary>
        private static string? Content<TState>(TState state) =>
            (state as IEnumerable<KeyValuePair<string, object?>>)?.FirstOrDefault(value => value.Key == "LineContent").Value as string;
    }
}
