using Radar.Market;

namespace Radar.Producer;

/// <summary>Where ticks come from. A source has one reader, and paces itself.</summary>
internal interface ITickSource
{
    /// <summary>What the source is, for people: <c>synthetic, 6 symbols, 50 events/s</c>.</summary>
    string Description { get; }

    /// <summary>
    /// Prepares the source before anything is sent: what cannot work fails here.
    /// </summary>
    /// <param name="cancellationToken">The start is given up.</param>
    /// <exception cref="ServiceDefaults.ConfigurationException">A missing file, for example; the message names it.</exception>
    void Open(CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits until ticks are due, writes them to the start of <paramref name="ticks"/> in the order in which they are to be sent, and
    /// returns their number; 0 is the end of the source. Completes without waiting where ticks are there.
    /// </summary>
    ValueTask<int> ReadAsync(Memory<Tick> ticks, CancellationToken cancellationToken);
}

/// <summary>The path runs on what others put into the topic.</summary>
internal sealed class NoTickSource : ITickSource
{
    public string Description => "none: this producer sends nothing, the topic is fed by others";

    public void Open(CancellationToken cancellationToken = default)
    {
    }

    public ValueTask<int> ReadAsync(Memory<Tick> ticks, CancellationToken cancellationToken) => ValueTask.FromResult(0);
}
