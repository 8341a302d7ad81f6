using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Radar.Tests.Fixtures;

/// <summary>Keeps log lines.</summary>
internal sealed class LinesLogger<T> : ILogger<T>
{
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>Called with each line on the thread that logs it.</summary>
    public Action<string>? Logged { get; set; }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?,
        string> formatter)
    {
        string line = $"{logLevel}: {formatter(state, exception)}";
        Lines.Enqueue(line);
        Logged?.Invoke(line);
    }
}
