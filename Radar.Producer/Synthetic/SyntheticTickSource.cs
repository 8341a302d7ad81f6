using Microsoft.Extensions.Options;
using Radar.Market;

namespace Radar.Producer.Synthetic;

/// <summary>Made-up ticks at a steady rate.</summary>
internal sealed class SyntheticTickSource(IOptions<ProducerOptions> options, TimeProvider time, ILogger<SyntheticTickSource> logger)
    : ITickSource
{
    private readonly SyntheticOptions _options = options.Value.Synthetic;
    private SyntheticMarket? _market;
    private SteadyRate? _steady;
    private long _made;

    public string Description =>
        $"synthetic, {_market?.SymbolCount} symbols, {(_options.Rate > 0 ? $"{_options.Rate:0.###} ticks/s" : "as fast as possible")}"
            + $", seed {_options.Seed}";

    /// <summary>The rate, which may be changed while the source runs.</summary>
    public SyntheticRate Rate { get; } = new(options.Value.Synthetic.Rate, time);

    /// <summary>True where <see cref="SyntheticOptions.Count"/> is reached.</summary>
    public bool HasEnded => _options.Count > 0 && Volatile.Read(ref _made) >= _options.Count;

    public void Open(CancellationToken cancellationToken = default)
    {
        _market = new SyntheticMarket(_options.Seed, SyntheticSymbol.All(_options));
        _steady = new SteadyRate(Rate, time);
    }

    public async ValueTask<int> ReadAsync(Memory<Tick> ticks, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long left = _options.Count > 0 ? _options.Count - _made : long.MaxValue;
        int count = (int)Math.Min(ticks.Length, left);
        if (count == 0)
        {
            Log.SyntheticDone(logger, _made);
            return 0;
        }

        count = await _steady!.TakeAsync(count, cancellationToken);
        _market!.Make(ticks.Span[..count], time.GetUtcNow().ToUnixTimeMilliseconds());
        Volatile.Write(ref _made, _made + count);
        return count;
    }
}
