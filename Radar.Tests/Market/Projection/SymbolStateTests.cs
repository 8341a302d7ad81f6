using Radar.Market;
using Radar.Market.Projection;

namespace Radar.Tests.Market.Projection;

public sealed class SymbolStateTests
{
    private const long Minute = 60_000;
    private const long Day = 1_440 * Minute;

    private readonly SymbolState _state = new("S", new ProjectionOptions { Days1Min = 1, Days5Min = 2 }.RetentionMs());
    private long _offset;

    [Fact]
    public void Latest_moves_forward_only_and_of_equal_times_the_later_offset_wins()
    {
        Apply(1, 2_000);
        Apply(2, 1_000);
        Assert.Equal((1m, 2_000L, 0L), Latest());
        Apply(3, 2_000);
        Assert.Equal((3m, 2_000L, 2L), Latest());
        Assert.True(_state.LatestChanged);
        _state.Written();
        Apply(4, 1_999);
        Assert.False(_state.LatestChanged);
    }

    [Fact]
    public void Last_millisecond_of_a_minute_and_the_first_of_the_next_are_in_different_bars()
    {
        Apply(1, (5 * Minute) - 1);
        Apply(2, 5 * Minute);
        _state.Fold();

        Assert.Equal([(4 * Minute, 1m), (5 * Minute, 2m)], Bars(Timeframe.Minute));
        Assert.Equal([(0, 1m), (5 * Minute, 2m)], Bars(Timeframe.All[1]));
        Assert.Equal([(0, 2m)], Bars(Timeframe.All[2]));
        Assert.Equal([(0, 2m)], Bars(Timeframe.Day));
    }

    [Fact]
    public void Late_tick_corrects_its_bar_in_every_timeframe()
    {
        Apply(5, 10 * Minute);
        Apply(9, 20 * Minute);
        Tick late = Tick(7, (10 * Minute) + 1);

        Assert.True(_state.IsLate(late));
        Assert.Equal(0, _state.Apply(late, _offset++, null));
        _state.Fold();
        Assert.Equal([(10 * Minute, 7m), (20 * Minute, 9m)], Bars(Timeframe.Minute));
        Assert.Equal([(0, 9m)], Bars(Timeframe.All[3]));
        Assert.Equal(9m, _state.Latest!.TickRef.Price);
    }

    [Fact]
    public void Tick_of_the_newest_minute_is_not_late_although_it_is_older_than_the_latest()
    {
        Apply(1, Minute + 500);

        Assert.False(_state.IsLate(Tick(2, Minute)));
        Assert.True(_state.IsLate(Tick(2, Minute - 1)));
    }

    [Fact]
    public void Tick_older_than_the_retention_of_some_timeframes_is_counted_for_those_and_applied_to_the_others()
    {
        Apply(1, 3 * Day);

        Assert.Equal(0, Apply(2, 2 * Day)); // the oldest minute that is kept
        Assert.Equal(1, Apply(3, (2 * Day) - 1)); // too late for 1Min
        Assert.Equal(1, Apply(4, Day)); // the oldest five minutes that are kept
        Assert.Equal(2, Apply(5, Day - 1)); // too late for 5Min, too
        _state.Fold();
        Assert.Equal([(2 * Day, 2m), (3 * Day, 1m)], Bars(Timeframe.Minute));
        Assert.Equal([(0, 5m), (Day, 3m), (2 * Day, 2m), (3 * Day, 1m)], Bars(Timeframe.Day));
    }

    [Fact]
    public void Previous_close_is_that_of_the_newest_day_before_the_current_one()
    {
        Apply(1, 1_000);
        _state.Fold();
        Assert.Null(_state.PreviousClose);
        Apply(2, 2 * Day); // no trade in the day between
        _state.Fold();
        Assert.Equal(1m, _state.PreviousClose);
        Apply(3, 2_000); // late: the close of the first day
        Assert.Equal(3m, _state.PreviousClose);
    }

    [Fact]
    public void Bars_to_load_are_those_that_late_ticks_of_the_batch_need_and_memory_lacks()
    {
        Apply(1, 9 * Minute);
        Apply(1, 10 * Minute);
        _state.Fold();
        _state.Written();
        var needed = new HashSet<(SymbolState State, Timeframe Timeframe, long OpenTime)>();

        _state.CollectBarsToLoad(11 * Minute, needed); // newer
        _state.CollectBarsToLoad(10 * Minute, needed); // late by now, but in memory
        Assert.Empty(needed);
        _state.CollectBarsToLoad(3 * Minute, needed);

        Assert.Equal(
            [("1Min", 3 * Minute), ("5Min", 0)], // the other timeframes have the bar of 9 minutes' time
            needed.Select(bar => (bar.Timeframe.Name, bar.OpenTime)));
    }

    [Fact]
    public void Bars_outside_retention_are_not_loaded()
    {
        Apply(1, (3 * Day) - Minute);
        Apply(1, 3 * Day);
        _state.Fold();
        _state.Written();
        var needed = new HashSet<(SymbolState State, Timeframe Timeframe, long OpenTime)>();

        _state.CollectBarsToLoad((2 * Day) - 1, needed);

        Assert.DoesNotContain(needed, bar => bar.Timeframe == Timeframe.Minute);
        Assert.Contains(needed, bar => bar.Timeframe == Timeframe.All[1]);
    }

    private static Tick Tick(decimal price, long timestampMs) => new("S", price, timestampMs, 1);

    private int Apply(decimal price, long timestampMs) => _state.Apply(Tick(price, timestampMs), _offset++, traceParent: null);

    private (decimal Price, long TimestampMs, long Offset) Latest() =>
        (_state.Latest!.TickRef.Price, _state.Latest.TimestampMs, _state.Latest.Offset);

    private IEnumerable<(long OpenTime, decimal Close)> Bars(Timeframe timeframe) =>
        _state.Windows[timeframe.Index].Dirty.OrderBy(bar => bar.OpenTime).Select(bar => (bar.OpenTime, bar.Close));
}
