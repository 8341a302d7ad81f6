using Radar.ServiceDefaults;

namespace Radar.Tests.ServiceDefaults;

public sealed class RecordFailuresTests
{
    private readonly RecordFailures _failures = new();

    [Fact]
    public void Record_is_given_up_at_its_third_failure()
    {
        Assert.Equal(1, _failures.Failed(7, "A"));
        Assert.Equal(2, _failures.Failed(7, "A"));
        Assert.Null(_failures.GivenUp(7));
        Assert.Equal(3, _failures.Failed(7, "B"));

        Assert.Equal("B", _failures.GivenUp(7));
        Assert.Null(_failures.GivenUp(8));
    }

    [Fact]
    public void Another_record_starts_counting_from_zero()
    {
        _failures.Failed(7, "A");
        _failures.Failed(7, "A");
        Assert.Equal(1, _failures.Failed(8, "A"));
        Assert.Equal(1, _failures.Failed(7, "A"));
        Assert.Null(_failures.GivenUp(7));
    }

    [Fact]
    public void Records_of_a_failed_batch_are_tried_one_by_one_until_the_partition_has_passed_it()
    {
        Assert.Equal(500, _failures.BatchRecordsMax(0, 500));
        _failures.BatchFailed(9);

        Assert.Equal(1, _failures.BatchRecordsMax(0, 500));
        Assert.Equal(1, _failures.BatchRecordsMax(9, 500));
        Assert.Equal(500, _failures.BatchRecordsMax(10, 500));
    }

    [Fact]
    public void Reason_is_the_type_of_the_exception_that_is_inside()
    {
        Assert.Equal("InvalidCastException", RecordFailures.TypeOf(new AggregateException(new InvalidCastException())));
        Assert.Equal(
            "AggregateException", RecordFailures.TypeOf(new AggregateException(new InvalidCastException(), new FormatException())));
    }
}
