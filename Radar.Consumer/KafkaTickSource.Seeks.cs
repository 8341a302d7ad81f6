using System.Collections.Concurrent;
using Confluent.Kafka;

namespace Radar.Consumer;

/// <content>Brings partitions to where their processors want to begin.</content>
internal sealed partial class KafkaTickSource
{
    private readonly ConcurrentQueue<(PartitionProcessor Processor, long Offset, long Seek)> _seeks = [];

    /// <summary>
    /// Assigned partitions from which nothing has come yet, neither a record nor the end. librdkafka still asks where their end is, and
    /// forgets a seek meanwhile: it drops the outdated answer, asks again 500 ms later, and goes on from the end, past what came in.
    /// </summary>
    private readonly HashSet<int> _settling = [];

    /// <summary>Partitions that librdkafka has stopped, since the topic no longer has what comes next. It never seeks in them again.</summary>
    private readonly HashSet<int> _stopped = [];

    /// <summary>Seeks on the polling thread; <see cref="PartitionEventKind.SeekCompleted"/> with the number follows in the processor's inbox.</summary>
    public void Seek(PartitionProcessor processor, long offset, long seek) => _seeks.Enqueue((processor, offset, seek));

    private void RunSeeks()
    {
        for (int i = _seeks.Count; i > 0 && _seeks.TryDequeue(out var request); i--)
        {
            if (!_processors.TryGetValue(request.Processor.Partition, out PartitionProcessor? processor) || processor != request.Processor)
                continue;
            if (_settling.Contains(processor.Partition))
            {
                _seeks.Enqueue(request);
                continue;
            }

            try
            {
                Place(new TopicPartitionOffset(Of(processor.Partition), request.Offset));
                HandOut(processor, PartitionEvent.SeekCompleted(request.Seek));
            }
            catch (KafkaException)
            {
                // The assignment is not active yet.
                _seeks.Enqueue(request);
            }
        }
    }

    private void Place(TopicPartitionOffset place)
    {
        if (!_stopped.Contains(place.Partition.Value))
        {
            _consumer.Seek(place);
            return;
        }

        if (_consumer.Assignment.Contains(place.TopicPartition))
            _consumer.IncrementalUnassign([place.TopicPartition]);
        _consumer.IncrementalAssign([place]);
        _stopped.Remove(place.Partition.Value);
    }
}
