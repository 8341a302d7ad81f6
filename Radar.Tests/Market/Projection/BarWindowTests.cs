using Radar.Market;
using Radar.Market.Projection;

namespace Radar.Tests.Market.Projection;

public sealed class BarWindowTests
{
    private const long Minute = 60_000;

    private readonly BarWindow _window = new(Timeframe.Minute, retentionMs: 10 * Minute);

    [Fact]
    public void Newest_bar_is_current_and_the_one_before_it_is_previous_whatever_the_order()
    {
        foreach (long minute in new[] { 3, 5, 2, 4 })
            _window.At(minute * Minute);

        Assert.Equal(5 * Minute, _window.Current!.OpenTime);
        Assert.Equal(4 * Minute, _window.Previous!.OpenTime);
        Assert.Equal([2, 3, 4, 5], _window.Dirty.Select(bar => bar.OpenTime / Minute).Order());
    }

    [Fact]
    public void Bar_is_one_object_and_dirty_once_however_often_it_is_asked_for()
    {
        Bar first = _window.At(Minute);

        Assert.Same(first, _window.At(Minute));
        Assert.Same(first, Assert.Single(_window.Dirty));
    }

    [Fact]
    public void Older_bar_is_needed_from_the_store_only_while_it_is_not_in_memory()
    {
        Assert.True(_window.Holds(Minute)); // a symbol without bars has none in the store
        _window.At(5 * Minute);
        _window.At(4 * Minute);

        Assert.True(_window.Holds(6 * Minute));
        Assert.True(_window.Holds(5 * Minute));
        Assert.True(_window.Holds(4 * Minute));
        Assert.False(_window.Holds(3 * Minute));
        _window.Load(new Bar(3 * Minute));
        Assert.True(_window.Holds(3 * Minute));
        _window.Written();
        Assert.False(_window.Holds(3 * Minute));
    }

    [Fact]
    public void Loaded_bar_does_not_replace_the_one_in_memory_and_is_not_dirty()
    {
        Bar own = _window.At(5 * Minute);
        _window.Load(new Bar(5 * Minute));
        _window.Load(new Bar(4 * Minute));

        Assert.Same(own, _window.Current);
        Assert.Equal(4 * Minute, _window.Previous!.OpenTime);
        Assert.Same(own, Assert.Single(_window.Dirty));
    }

    [Fact]
    public void Window_has_advanced_until_its_newest_bar_is_written()
    {
        Assert.False(_window.Advanced);
        _window.At(5 * Minute);
        Assert.True(_window.Advanced);
        _window.Written();
        Assert.False(_window.Advanced);
        Assert.Empty(_window.Dirty);
        _window.At(4 * Minute); // late
        Assert.False(_window.Advanced);
        _window.At(6 * Minute);
        Assert.True(_window.Advanced);
    }

    [Fact]
    public void Previous_bar_outside_retention_is_forgotten()
    {
        _window.At(Minute);
        _window.At(11 * Minute);
        Assert.Equal(Minute, _window.Previous!.OpenTime); // the last minute of the retention
        _window.At(22 * Minute);

        Assert.Null(_window.Previous);
        Assert.Equal(12 * Minute, _window.Horizon((22 * Minute) + 59_999));
    }
}
