using System.Text.Json.Nodes;
using Radar.Market.Store;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Market.Store;

public sealed class IntegrityMarksTests
{
    [Fact]
    public void Marks_are_JSON_as_it_is_served_and_come_back_equal()
    {
        IntegrityMark unknown = new(3, IntegrityMarks.Compaction, null, null, null, null, Marks.Found, "Compacted.");
        string marks = IntegrityMarks.Add(Marks.Hole, unknown);

        Assert.Equal([Marks.Retention(10, 20), unknown], IntegrityMarks.Read(marks));
        var served = JsonNode.Parse(marks)!.AsArray();
        Assert.Equal(
            "{\"partition\":0,\"reason\":\"retention\",\"from\":10,\"to\":20,\"start\":\"2026-11-28T16:00:00Z\","
            + "\"end\":\"2026-11-28T17:00:00Z\",\"since\":\"2026-11-28T18:00:00Z\",\"detail\":\"Records are missing.\"}",
            served[0]!.ToJsonString());
        Assert.Equal(["partition", "reason", "since", "detail"], served[1]!.AsObject().Select(member => member.Key));
    }

    [Fact]
    public void Oldest_marks_of_the_commonest_reason_are_joined_when_there_are_many()
    {
        string marks = IntegrityMarks.Add(null, new(0, IntegrityMarks.LogStart, 0, 5, null, Marks.Found, Marks.Found, "Late."));
        for (int day = 1; day <= 100; day++)
            marks = IntegrityMarks.Add(marks, Marks.Retention(day * 10, (day * 10) + 5));

        var read = IntegrityMarks.Read(marks);
        Assert.Equal(8, read.Count);
        Assert.Equal(IntegrityMarks.LogStart, read[0].Reason);
        Assert.Equal((10, 945), (read[1].From, read[1].To));
        Assert.Equal((1000, 1005), (read[^1].From, read[^1].To));
    }

    [Fact]
    public void Mark_ends_when_no_bar_of_its_time_is_kept_and_one_without_end_never_does()
    {
        string marks = IntegrityMarks.Add(Marks.Hole, new(0, IntegrityMarks.Compaction, null, null, null, null, Marks.Found, "Compacted."));
        long endMs = new DateTimeOffset(Marks.Found.AddHours(-1)).ToUnixTimeMilliseconds();

        Assert.Equal(marks, IntegrityMarks.Without(marks, endMs));
        Assert.Equal(
            [IntegrityMarks.Compaction], IntegrityMarks.Read(IntegrityMarks.Without(marks, endMs + 1)).Select(mark => mark.Reason));
        Assert.Null(IntegrityMarks.Without(Marks.Hole, endMs + 1));
        Assert.Null(IntegrityMarks.Without(null, 0));
    }

    [Fact]
    public void Late_begin_is_no_loss_and_a_hole_is_named_with_its_mend()
    {
        string late = IntegrityMarks.Add(null, new(0, IntegrityMarks.LogStart, 0, 5, null, Marks.Found, Marks.Found, "Late."));

        Assert.Null(IntegrityMarks.Summary([null, late]));
        Assert.Equal(
            "The state of partition 0 (and 1 more partitions) is incomplete since 2026-11-28T18:00:00Z, retention: Records are missing.",
            IntegrityMarks.Summary([late, Marks.Hole, null, IntegrityMarks.Add(null, Marks.Retention(1, 2, partition: 7))]));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("[{\"partition\":0}]")]
    [InlineData("[{\"partition\":0,\"reason\":\"retention\"")]
    public void What_is_no_list_of_marks_is_not_served(string stored) => Assert.False(IntegrityMarks.IsWellFormed(stored));

    [Fact]
    public void Lists_of_partitions_are_joined_to_one()
    {
        string? joined = IntegrityMarks.Join([null, Marks.Hole, null, Marks.Hole]);

        Assert.Equal(2, IntegrityMarks.Read(joined).Count);
        Assert.Null(IntegrityMarks.Join([null, null]));
    }
}
