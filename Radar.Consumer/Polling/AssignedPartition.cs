using Radar.Consumer.Partitions;

namespace Radar.Consumer.Polling;

/// <summary>A partition of this process: its processor, and what the polling thread knows of it in librdkafka.</summary>
internal sealed class AssignedPartition(PartitionProcessor processor, InboxOverflow overflow)
{
    private volatile bool _isPaused;

    public PartitionProcessor Processor => processor;

    public InboxOverflow Overflow => overflow;

    /// <summary>True while it is not read, until its processor has caught up. Any thread may ask.</summary>
    public bool IsPaused
    {
        get => _isPaused;
        set => _isPaused = value;
    }

    /// <summary>
    /// Nothing has come of it yet, neither a record nor the end. librdkafka still asks where the end is, and forgets a seek meanwhile: it
    /// drops the outdated answer, asks again 500 ms later, and continues from the end, past the records that arrived.
    /// </summary>
    public bool IsSettling { get; set; } = true;

    /// <summary>librdkafka has stopped it, since the topic no longer has what comes next. It never seeks in it again.</summary>
    public bool HasStopped { get; set; }
}
