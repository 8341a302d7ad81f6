using Microsoft.Extensions.Options;
using Radar.Market;

namespace Radar.Producer.Synthetic;

/// <summary>Made-up ticks at a steady rate.</summary>
internal sealed class SyntheticTickSource(IOptions<ProducerOptions> options, TimeProvider time, ILogger<SyntheticTickSource> logger)
    : ITickSource
{
    private readonly SyntheticOptions _options = options.Value.Synthetic;
    private SyntheticMarket? _market;
    private SteadyRate? _rate;
    private long _made;

    public string Description =>
        $"synthetic, {_market?.SymbolCount} symbols, {(_options.Rate > 0 ? $"{_options.Rate:0.###} ticks/s" : "as fast as possible")}, seed {_options.Seed}";

    public void Open(CancellationToken cancellationToken = default)
    {
        _market = new SyntheticMarket(_options.Seed, SyntheticSymbol.All(_options));
        _rate = _options.Rate > 0 ? new SteadyRate(_options.Rate, time) : null;
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

        if (_rate is not null)
            count = await _rate.TakeAsync(count, cancellationToken);
        _market!.Make(ticks.Span[..count], time.GetUtcNow().ToUnixTimeMilliseconds());
        _made += count;
        return count;
    }
}
