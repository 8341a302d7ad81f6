using Radar.Producer.Live;
using Radar.Producer.Venues;
using static Radar.Tests.Producer.Live.VenueMessages;

namespace Radar.Tests.Producer.Live;

public sealed class TradeSequenceTests
{
    private readonly TradeSequence _sequence = new(idsHaveHoles: false);

    [Fact]
    public void Ids_that_follow_pass_and_earlier_ones_are_duplicates() =>
        Assert.Equal([Passage.Pass, Passage.Pass, Passage.Duplicate, Passage.Duplicate, Passage.Pass], new long[] { 7, 8, 8, 7, 9 }.Select(id => Take(id)));

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
    public void Earlier_id_of_a_much_later_time_is_a_new_numbering()
    {
        Take(10_000);

        Assert.Equal(Passage.Duplicate, _sequence.Take(Tick(1, "A", "v") with { TimestampMs = Ms(10_000) + 60_000 }, VenueMessage.Trades, out _));
        Assert.Equal(Passage.Renumbered, _sequence.Take(Tick(1, "A", "v") with { TimestampMs = Ms(10_000) + 60_001 }, VenueMessage.Trades, out _));
        Assert.Equal(Passage.Pass, _sequence.Take(Tick(2, "A", "v") with { TimestampMs = Ms(10_000) + 60_001 }, VenueMessage.Trades, out _));
    }

    private Passage Take(long id) => Take(_sequence, id);

    private static Passage Take(TradeSequence sequence, long id) => sequence.Take(Tick(id, "A", "v"), VenueMessage.Trades, out _);
}
