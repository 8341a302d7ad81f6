using System.Threading.Channels;
using Radar.Market;

namespace Radar.Producer.Live;

/// <summary>Where the feeds put their ticks, named as configured. Bounded: writers wait for Kafka.</summary>
internal sealed class TickOutput(ChannelWriter<Tick> ticks, SymbolFormat format, LiveReport report)
{
    private readonly Lock _naming = new();
    private int _waiting;

    /// <summary>Whether a writer waits for room.</summary>
    public bool IsFull => Volatile.Read(ref _waiting) > 0;

    /// <summary>Writes a tick.</summary>
    public ValueTask WriteAsync(in Tick tick, CancellationToken cancellationToken)
    {
        string? name;
        lock (_naming)
            name = format.Name(tick);
        if (name is null)
        {
            report.Unnamed(tick);
            return ValueTask.CompletedTask;
        }

        ValueTask write = ticks.WriteAsync(ReferenceEquals(name, tick.Symbol) ? tick : tick with { Symbol = name }, cancellationToken);
        return write.IsCompleted ? write : WaitAsync(write);
    }

    private async ValueTask WaitAsync(ValueTask write)
    {
        Interlocked.Increment(ref _waiting);
        try
        {
            await write;
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
