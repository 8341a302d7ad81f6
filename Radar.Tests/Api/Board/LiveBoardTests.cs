using CsCheck;
using Radar.Api.Board;
using Radar.Market.Store;

namespace Radar.Tests.Api.Board;

/// <summary>The chain of positions: what the board takes, what it refuses, and that it never goes back.</summary>
public sealed class LiveBoardTests
{
    private readonly LiveBoard _board = new(TimeProvider.System);

    public LiveBoardTests()
    {
        _board.Open(Changes.Layout);
        for (int partition = 0; partition < 3; partition++)
            _board.Load(partition, Changes.Nothing, evenIfOlder: false);
    }

    private string Shown => string.Join(' ', _board.Read(null).Tickers.Select(ticker => $"{ticker.Symbol}={ticker.Offset}"));

    private ChangeOutcome Apply(int partition, Change change) => _board.Apply(partition, change);

    [Fact]
    public void Change_that_follows_is_taken_and_moves_the_version()
    {
        string before = _board.Status.Version.ToString();
        Assert.Equal(ChangeOutcome.Applied, Apply(1, Changes.Of(null, 1, ("B", 5, 0))));
        Assert.Equal(ChangeOutcome.Applied, Apply(1, Changes.Of(1, 3, ("A", 5, 1), ("B", 6, 2))));

        Assert.Equal("A=1 B=2", Shown);
        Assert.EndsWith("-n-n-n", before, StringComparison.Ordinal);
        Assert.EndsWith("-n-3-n", _board.Status.Version.ToString(), StringComparison.Ordinal);
        Assert.True(_board.Status.IsInSync);
        var found = _board.Find("B");
        Assert.True(found.InSync);
        Assert.Equal((1, 3, 6), (found.Location!.Keys.Partition, found.Location.Position.Offset, found.Location.TimestampMs));
        Assert.Null(_board.Find("C").Location);
    }

    [Theory]
    [InlineData(null, 3, nameof(ChangeOutcome.Old))] // the first again
    [InlineData(2L, 4, nameof(ChangeOutcome.Old))]
    [InlineData(3L, 5, nameof(ChangeOutcome.Old))]
    [InlineData(6L, 9, nameof(ChangeOutcome.Gap))]
    [InlineData(4L, 9, nameof(ChangeOutcome.Gap))] // half of it is known, which the chain of one writer does not know
    [InlineData(null, 9, nameof(ChangeOutcome.Gap))]
    [InlineData(5L, 5, nameof(ChangeOutcome.Applied))] // a position that is written again
    [InlineData(5L, 9, nameof(ChangeOutcome.Applied))]
    public void Change_is_taken_only_where_it_follows(long? expected, long reached, string outcome)
    {
        Apply(0, Changes.Of(null, 3, ("A", 7, 2)));
        Apply(0, Changes.Of(3, 5, ("A", 9, 4)));

        Assert.Equal(outcome, Apply(0, Changes.Of(expected, reached, expected == reached ? [] : [("A", 99, reached - 1)])).ToString());

        Assert.Equal(outcome == nameof(ChangeOutcome.Applied) && expected != reached ? "A=8" : "A=4", Shown);
    }

    [Fact]
    public void Change_is_not_taken_while_the_chain_is_broken_until_the_partition_is_loaded()
    {
        Apply(0, Changes.Of(null, 3, ("A", 7, 2)));
        _board.MarkGapped(0);

        Assert.Equal(ChangeOutcome.Gap, Apply(0, Changes.Of(3, 4, ("A", 9, 3))));
        Assert.Equal((false, false, "A=2"), (_board.Status.IsInSync, _board.Find("A").InSync, Shown));

        Assert.True(_board.Load(0, Changes.State(4, ("A", 9, 3)), evenIfOlder: false));
        Assert.Equal(ChangeOutcome.Applied, Apply(0, Changes.Of(4, 5, ("A", 9, 4))));
        Assert.Equal((true, "A=4"), (_board.Status.IsInSync, Shown));
    }

    [Fact]
    public void Older_state_is_not_loaded_and_raises_doubt_until_Redis_has_caught_up()
    {
        Apply(0, Changes.Of(null, 10, ("A", 7, 9)));

        Assert.False(_board.Load(0, Changes.State(9, ("A", 6, 8)), evenIfOlder: false));
        Assert.False(_board.Load(0, Changes.Nothing, evenIfOlder: false));
        Assert.Equal((false, true, true, "A=9"),
            (_board.Status.IsInSync, _board.Status.IsUnconfirmed(0), _board.Status.IsAnyUnconfirmed, Shown));
        Assert.False(_board.Status.IsUnconfirmed(1));

        Assert.True(_board.Load(0, Changes.State(10, ("A", 7, 9)), evenIfOlder: false));
        Assert.Equal((true, false, "A=9"), (_board.Status.IsInSync, _board.Status.IsUnconfirmed(0), Shown));
    }

    [Fact]
    public void Older_state_of_another_log_replaces_the_board()
    {
        Apply(0, Changes.Of(null, 10, ("A", 7, 9), ("GONE", 7, 8)));
        Apply(1, Changes.Of(null, 1, ("B", 7, 0)));

        Assert.True(_board.Load(0, Changes.State(2, ("A", 6, 1)), evenIfOlder: true));

        Assert.Equal("A=1 B=0", Shown);
        Assert.Equal(2, _board.Status.PositionOf(0));
        Assert.True(_board.Load(0, Changes.Nothing, evenIfOlder: true));
        Assert.Equal(("B=0", null), (Shown, _board.Status.PositionOf(0)));
    }

    [Fact]
    public void Symbol_that_a_newer_state_does_not_have_is_gone()
    {
        Apply(0, Changes.Of(null, 10, ("A", 7, 9), ("GONE", 7, 8)));

        Assert.True(_board.Load(0, Changes.State(11, ("A", 8, 10)), evenIfOlder: false));

        Assert.Equal("A=10", Shown);
    }

    [Fact]
    public void Change_and_state_of_another_topic_are_not_mixed_in()
    {
        Apply(0, Changes.Of(null, 10, ("A", 7, 9)));
        var other = Changes.Topic with { Id = "recreated" };
        var change = Changes.Of(10, 11, ("A", 8, 10));
        var state = Changes.State(12, ("A", 9, 11));

        Assert.Equal(ChangeOutcome.Gap, Apply(0, change with { Reached = change.Reached with { Identity = other } }));
        Assert.False(_board.Load(0, state with { Position = state.Position!.Value with { Identity = other } }, evenIfOlder: false));

        Assert.Equal("A=9", Shown);
        Assert.True(_board.Status.IsUnconfirmed(0));
    }

    [Fact]
    public void Symbol_in_two_partitions_serves_the_newest_trade()
    {
        Apply(2, Changes.Of(null, 1, ("A", 100, 0)));
        Apply(0, Changes.Of(null, 1, ("A", 99, 0)));
        Assert.Equal(2, _board.Find("A").Location!.Keys.Partition);

        Apply(0, Changes.Of(1, 2, ("A", 101, 1)));
        Assert.Equal(0, _board.Find("A").Location!.Keys.Partition);
        Assert.Single(_board.Read(null).Tickers);

        Assert.True(_board.Load(2, Changes.State(5, ("A", 102, 4)), evenIfOlder: false));
        Assert.Equal(2, _board.Find("A").Location!.Keys.Partition);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(2, 0)]
    public void Of_equally_new_trades_in_two_partitions_the_same_is_served_whichever_came_first(int first, int second)
    {
        Apply(first, Changes.Of(null, 1, ("A", 100, 0)));
        Apply(second, Changes.Of(null, 1, ("A", 100, 0)));

        Assert.Equal(0, _board.Find("A").Location!.Keys.Partition);
    }

    /// <summary>Whatever comes, goes and moves to another partition, a board is what a plain dictionary would be, in order.</summary>
    [Fact]
    public void Every_board_lists_its_symbols_once_in_ordinal_order_whatever_happened_to_it() =>
        Gen.Select(Gen.Bool, Gen.Int[0, 2], Gen.Int[0, 9].Array[0, 4]).Array[0, 30].Sample(steps =>
        {
            var board = new LiveBoard(TimeProvider.System);
            board.Open(Changes.Layout);
            for (int partition = 0; partition < 3; partition++)
                board.Load(partition, Changes.Nothing, evenIfOlder: false);
            var expected = new SortedDictionary<string, (int Partition, long Offset)>(StringComparer.Ordinal);
            long offset = 0;
            foreach (var (isLoad, partition, numbers) in steps)
            {
                // Each trade is newer than all before it, so it is served from where it was.
                var trades = numbers.Distinct().Select(number => ($"S{number}", offset, offset++)).ToArray();
                if (isLoad)
                {
                    Assert.True(board.Load(partition, Changes.State(++offset, trades), evenIfOlder: false));
                    foreach (string symbol in expected.Where(known => known.Value.Partition == partition).Select(known => known.Key)
                        .ToList())
                        expected.Remove(symbol);
                }
                else
                {
                    Assert.Equal(ChangeOutcome.Applied,
                        board.Apply(partition, Changes.Of(board.Status.PositionOf(partition), ++offset, trades)));
                }

                foreach (var (symbol, _, at) in trades)
                    expected[symbol] = (partition, at);
                Assert.Equal(
                    expected.Select(known => (known.Key, known.Value.Partition, known.Value.Offset)),
                    board.Read(null).Tickers.Select(ticker => (ticker.Symbol, ticker.Partition, ticker.Offset)));
                Assert.All(expected.Keys, symbol => Assert.NotNull(board.Find(symbol).Location));
            }
        });

    [Fact]
    public void Board_is_filled_when_every_partition_was_loaded_and_whole_while_Redis_answers()
    {
        var board = new LiveBoard(TimeProvider.System);
        Assert.Equal((false, false, false), (board.Status.IsOpen, board.Status.IsLoaded, board.Status.IsInSync));

        board.Open(Changes.Layout);
        board.Load(0, Changes.Nothing, evenIfOlder: false);
        board.Load(1, Changes.State(3), evenIfOlder: false);
        Assert.Equal((true, false, false, false),
            (board.Status.IsOpen, board.Status.IsLoaded, board.Status.IsInSync, board.Status.WasInSync));

        board.Load(2, Changes.Nothing, evenIfOlder: false);
        Assert.Equal((true, true, true), (board.Status.IsLoaded, board.Status.IsInSync, board.Status.WasInSync));

        board.MarkRedisDown();
        Assert.Equal((true, false, true, true),
            (board.Status.IsLoaded, board.Status.IsInSync, board.Status.WasInSync, board.Status.IsAnyUnconfirmed));
        Assert.False(board.Find("A").InSync);
    }

    [Fact]
    public void Board_is_not_whole_after_Redis_was_away_until_every_partition_is_loaded()
    {
        Apply(0, Changes.Of(null, 10, ("A", 7, 9)));
        _board.MarkRedisDown();

        Assert.True(_board.TryMarkRedisUp(_board.Status.RedisDownCount));

        Assert.Equal((false, false, false), (_board.Status.IsRedisDown, _board.Status.IsInSync, _board.Find("A").InSync));
        Assert.Equal(ChangeOutcome.Gap, Apply(0, Changes.Of(10, 11, ("A", 8, 10))));
        for (int partition = 0; partition < 3; partition++)
        {
            Assert.False(_board.Status.Follows(partition) || _board.Status.IsInSync);
            _board.Load(partition, partition == 0 ? Changes.State(11, ("A", 8, 10)) : Changes.Nothing, evenIfOlder: false);
        }

        Assert.Equal((true, "A=10"), (_board.Status.IsInSync, Shown));
    }

    [Fact]
    public void Redis_that_is_missed_again_while_it_is_asked_stays_away()
    {
        _board.MarkRedisDown();
        long downCount = _board.Status.RedisDownCount; // here it is asked
        _board.MarkRedisDown();

        Assert.False(_board.TryMarkRedisUp(downCount));
        Assert.Equal((true, false), (_board.Status.IsRedisDown, _board.Status.IsInSync));
        _board.Open(Changes.Layout with { Epoch = "2" });
        Assert.True(_board.Status.IsRedisDown);

        Assert.True(_board.TryMarkRedisUp(_board.Status.RedisDownCount));
        Assert.False(_board.Status.IsRedisDown);
    }

    [Fact]
    public void Other_epoch_begins_with_an_empty_board()
    {
        Apply(0, Changes.Of(null, 10, ("A", 7, 9)));

        _board.Open(Changes.Layout with { Epoch = "2" });

        Assert.Equal(("", false), (Shown, _board.Status.IsLoaded));
        Assert.StartsWith("2-", _board.Status.Version.ToString(), StringComparison.Ordinal);
    }

    /// <summary>Every change moves all symbols of its partition at once, so a view in which they differ mixes two changes.</summary>
    [Fact]
    public async Task View_never_mixes_two_changes_of_a_partition()
    {
        const int Symbols = 20, Total = 3_000;
        var writing = Task.Run(() =>
        {
            for (int i = 0; i < Total; i++)
            {
                var trades = Enumerable.Range(0, Symbols).Select(symbol => ($"S{symbol:D2}", (long)i, (long)i)).ToArray();
                if (i % 10 == 9)
                    _board.Load(0, Changes.State(i + 1, trades), evenIfOlder: false);
                else
                    Assert.Equal(ChangeOutcome.Applied, Apply(0, Changes.Of(i == 0 ? null : i, i + 1, trades)));
            }
        });

        int views = 0;
        while (!writing.IsCompleted || views == 0)
        {
            var view = _board.Read(null);
            if (view.Version.Positions[0] is not { } position)
                continue;
            Assert.Equal(Symbols, view.Tickers.Length);
            Assert.All(view.Tickers, ticker => Assert.Equal(position - 1, ticker.Offset));
            views++;
        }

        await writing;
        Assert.Equal(Total, _board.Status.PositionOf(0));
    }
}
