using Microsoft.Extensions.Options;
using Radar.Market;

namespace Radar.Producer.Synthetic;

/// <summary>Made-up ticks at a steady rate; on a new topic behind those of the day before.</summary>
/// <param name="options">Section <c>Producer</c>.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Its log.</param>
/// <param name="topic">Where the ticks go; null has no past.</param>
internal sealed class SyntheticTickSource(
    IOptions<ProducerOptions> options, TimeProvider time, ILogger<SyntheticTickSource> logger, TopicStart? topic = null) : ITickSource
{
    private const int DayMinutes = 24 * 60;

    /// <summary>What a small machine makes visible within half a second: the past is no reason to report late events.</summary>
    private const double PastPerSecond = 10_000;

    private static readonly TimeSpan ConsumersLimit = TimeSpan.FromSeconds(5);

    private readonly SyntheticOptions _options = options.Value.Synthetic;
    private SyntheticMarket? _market;
    private SteadyRate? _steady;
    private SyntheticPast? _past;
    private readonly SteadyRate _pastRate = new(new SyntheticRate(PastPerSecond, time), time);
    private bool _isBegun;
    private bool _isConsumed;
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

    /// <summary>Minutes of the past; a run whose ticks are counted has none unless it asks for it.</summary>
    private int PastMinutes => _options.PastMinutes ?? (_options.Count > 0 ? 0 : DayMinutes);

    public async ValueTask<int> ReadAsync(Memory<Tick> ticks, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (!_isBegun)
            await BeginAsync(cancellationToken);
        if (_past is not null && await ReadPastAsync(_past, ticks, cancellationToken) is > 0 and var old)
            return old;
        _past = null;
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

    /// <summary>One tick of each symbol brings the consumers to work; the others follow when that is seen.</summary>
    private async ValueTask<int> ReadPastAsync(SyntheticPast past, Memory<Tick> ticks, CancellationToken cancellationToken)
    {
        if (past.Read == 0)
            return past.ReadNext(ticks.Span[..Math.Min(ticks.Length, _market!.SymbolCount)]);
        if (!_isConsumed)
            await topic!.UntilConsumedAsync(ConsumersLimit, cancellationToken);
        _isConsumed = true;
        int due = await _pastRate.TakeAsync(ticks.Length, cancellationToken);
        return past.ReadNext(ticks.Span[..due]);
    }

    private async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (PastMinutes > 0 && topic is not null && await topic.IsNewAsync(cancellationToken))
        {
            _past = new SyntheticPast(SyntheticSymbol.All(_options), _options, PastMinutes, time.GetUtcNow().ToUnixTimeMilliseconds());
            _market!.BeginAfter(_past.TicksPerSymbol);
            Log.SyntheticPast(logger, _past.Minutes, _past.TicksPerSymbol);
        }

        _isBegun = true;
    }
}
