using Radar.Api.DeadLetters;

namespace Radar.Tests.Api.DeadLetters;

public sealed class DeadLetterPageTests
{
    [Fact]
    public void Newest_of_all_partitions_come_first_and_each_partition_keeps_its_order()
    {
        // The timestamp of a record may be before that of an earlier one of its partition.
        var page = DeadLetterPage.Of([[Letter(0, 5, 30), Letter(0, 6, 20), Letter(0, 7, 50)], [], [Letter(2, 1, 40), Letter(2, 9, 10)]],
            [8, 3, 10], limit: 3);

        Assert.Equal([(0, 7L), (2, 9L), (2, 1L)],
            DeadLetterPage.Of([[Letter(0, 7, 50)], [], [Letter(2, 1, 40), Letter(2, 9, 45)]], [8, 3, 10], limit: 3).Items
                .Select(letter => (letter.Partition, letter.Offset)));
        Assert.Equal([(0, 7L), (0, 6L), (0, 5L)], page.Items.Select(letter => (letter.Partition, letter.Offset)));
        Assert.Equal([5L, 3, 10], page.Next!.Value.AsEnumerable());
    }

    [Fact]
    public void Last_page_has_no_next_one()
    {
        var page = DeadLetterPage.Of([[Letter(0, 5, 30)]], [8], limit: 1);

        Assert.Single(page.Items);
        Assert.Null(page.Next);
        Assert.Null(DeadLetterPage.Of([[], []], [4, 4], limit: 1).Next);
    }

    private static StoredDeadLetter Letter(int partition, long offset, long timestampMs) =>
        new(timestampMs, partition, offset, "bad_json", null, null, null, null, null, null, 0);
}
