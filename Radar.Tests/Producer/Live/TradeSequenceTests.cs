using Radar.Producer.Live;
using Radar.Producer.Venues.Protocol;
using static Radar.Tests.Producer.Live.VenueMessages;

namespace Radar.Tests.Producer.Live;

public sealed class TradeSequenceTests
{
    private readonly TradeSequence _sequence = new(idsHaveHoles: false);

    [Fact]
    public void Ids_that_follow_pass_and_earlier_ones_are_duplicates() =>
        Assert.Equal([Passage.Pass, Passage.Pass, Passage.Duplicate, Passage.Duplicate, Passage.Pass],
            new long[] { 7, 8, 8, 7, 9 }.Select(id => Take(id)));

    [Fact]
    public void What_follows_a_gap_waits_until_it_is_dealt_with()
    {
        Take(1);

        Assert.Equal(Passage.Gap, _sequence.Take(Tick(4, "A", "v"), VenueMessage.Trades, out var gap));
        Assert.Equal(new Gap("A", 2, 3, Ms(1)), gap);
        Assert.Equal(Passage.Held, Take(5));
        Assert.Equal(2, _sequence.Held);

        Assert.Equal([4, 5], _sequence.Release("A").Select(held => held.Tick.TradeId.Number!.Value));
        Assert.Equal(0, _sequence.Held);
        Assert.Equal([Passage.Pass, Passage.Pass, Passage.Duplicate], new long[] { 4, 5, 2 }.Select(id => Take(id)));
    }

    [Fact]
    public void Jump_of_ids_that_have_holes_is_a_gap_only_after_an_interruption()
    {
        var sequence = new TradeSequence(idsHaveHoles: true);
        Assert.Equal([Passage.Pass, Passage.Pass], new long[] { 1, 3 }.Select(id => Take(sequence, id)));

        sequence.Interrupt();

        Assert.Equal(Passage.Gap, Take(sequence, 5));
        sequence.Release("A");
        Assert.Equal([Passage.Pass, Passage.Pass], new long[] { 5, 7 }.Select(id => Take(sequence, id)));
    }

    [Fact]
    public void Snapshot_that_reaches_back_to_what_was_sent_leaves_no_gap()
    {
        var sequence = new TradeSequence(idsHaveHoles: true);
        Take(sequence, 3);
        sequence.Interrupt();

        Assert.Equal(
            [Passage.Duplicate, Passage.Duplicate, Passage.Pass],
            new long[] { 2, 3, 6 }.Select(id => sequence.Take(Tick(id, "A", "v"), VenueMessage.Repeats, out _)));
    }

    [Fact]
    public void Doubt_that_comes_up_while_trades_wait_is_kept_for_those_after_it()
    {
        var sequence = new TradeSequence(idsHaveHoles: true);
        Take(sequence, 1);
        sequence.Interrupt();
        Assert.Equal(Passage.Gap, Take(sequence, 100));
        Take(sequence, 102);
        sequence.Interrupt();
        foreach (long id in Range(300, 349))
            Assert.Equal(Passage.Held, sequence.Take(Tick(id, "A", "v"), VenueMessage.Repeats, out _));
        sequence.Doubt();

        // The hole before 102 is one of the venue's, what is missing before 300 may be trades.
        Assert.Equal([Passage.Pass, Passage.Pass, Passage.Gap, .. Enumerable.Repeat(Passage.Held, 49)], TakeReleased(out var gap));
        Assert.Equal((103, 299), (gap.First, gap.Last));
        Assert.Equal(50, sequence.Held);

        Assert.All(TakeReleased(out _), passage => Assert.Equal(Passage.Pass, passage));
        Assert.Equal(0, sequence.Held);
        Assert.Equal(Passage.Gap, Take(sequence, 351)); // the last doubt

        List<Passage> TakeReleased(out Gap found)
        {
            var passages = new List<Passage>();
            found = default;
            foreach (var held in sequence.Release("A"))
            {
                passages.Add(sequence.Take(held, out var gap));
                found = gap == default ? found : gap;
            }

            return passages;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Id_that_no_outage_explains_is_another_numbering_and_hides_nothing_when_the_old_one_goes_on(bool idsHaveHoles)
    {
        var sequence = new TradeSequence(idsHaveHoles);
        Take(sequence, 1_000);

        Assert.Equal(Passage.Renumbered,
            sequence.Take(Tick(1_001, "A", "v") with { TradeId = new(1_000_000_000_000_000_000) }, VenueMessage.Trades, out _));
        Assert.Equal([Passage.Renumbered, Passage.Pass, Passage.Duplicate],
            new long[] { 1_001, 1_002, 1_002 }.Select(id => Take(sequence, id)));
        Assert.Equal(Passage.Duplicate,
            sequence.Take(Tick(1, "A", "v") with { TradeId = new(long.MaxValue) }, VenueMessage.Repeats, out _));
        Assert.Equal(Passage.Pass, Take(sequence, 1_003));
    }

    [Fact]
    public void Earlier_id_of_a_much_later_time_is_a_new_numbering()
    {
        Take(10_000);

        Assert.Equal(Passage.Duplicate,
            _sequence.Take(Tick(1, "A", "v") with { TimestampMs = Ms(10_000) + 60_000 }, VenueMessage.Trades, out _));
        Assert.Equal(Passage.Renumbered,
            _sequence.Take(Tick(1, "A", "v") with { TimestampMs = Ms(10_000) + 60_001 }, VenueMessage.Trades, out _));
        Assert.Equal(Passage.Pass, _sequence.Take(
            Tick(2, "A", "v") with { TimestampMs = Ms(10_000) + 60_001 }, VenueMessage.Trades, out _));
    }

    private Passage Take(long id) => Take(_sequence, id);

    private static Passage Take(TradeSequence sequence, long id) => sequence.Take(Tick(id, "A", "v"), VenueMessage.Trades, out _);
}
