using Confluent.Kafka;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer.Topics;

/// <content>Which partitions are this replica's, and where they begin.</content>
internal sealed partial class TopicSession
{
    /// <summary>How long health reports that a record failed unexpectedly.</summary>
    private static readonly TimeSpan FailedNotice = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Begins partitions where the group stands. Where it never was, or where the topic has dropped what comes next, the place is decided
    /// and committed first: a crash before the first record does not move it. That commit is read back; a broker that only plays
    /// transactions is noticed before the first tick is written.
    /// </summary>
    private void SetPositions()
    {
        if (_transaction.IsOpen && !Commit())
            return;
        _unplaced.IntersectWith(_consumer.Assignment); // whatever went wrong before: what another replica reads is never begun here
        if (_unplaced.Count == 0)
            return;
        foreach (var (partition, committed) in Committed(_unplaced))
        {
            var ends = _consumer.QueryWatermarkOffsets(partition, RequestTimeout);
            var start = committed;
            if (committed.IsSpecial || committed < ends.Low || committed > ends.High)
            {
                start = committed.IsSpecial && _options.Start == TopicStart.Latest ? ends.High : ends.Low;
                if (!TryCommitStart(partition, start))
                    return;
                if (committed.IsSpecial)
                    Log.TopicBegins(_logger, partition.Partition.Value, Topic, start.Value, _options.Start.ToString());
                else
                    Log.TopicDropped(_logger, Topic, partition.Partition.Value, committed.Value, ends.Low.Value, ends.High.Value);
            }

            // librdkafka does not seek in a partition that it has stopped for want of an offset; it does start one that is assigned again.
            if (_consumer.Assignment.Contains(partition))
                _consumer.IncrementalUnassign([partition]);
            _consumer.IncrementalAssign([new TopicPartitionOffset(partition, start)]);
            _unplaced.Remove(partition);
        }

        _status.UnhealthyReason = null;
    }

    private List<(TopicPartition Partition, Offset Committed)> Committed(IEnumerable<TopicPartition> partitions) =>
        _consumer.Committed(partitions, RequestTimeout).ConvertAll(committed => (committed.TopicPartition, committed.Offset));

    private bool TryCommitStart(TopicPartition partition, Offset start)
    {
        Begin();
        _next[partition] = start;
        if (!Commit())
            return false;
        if (!Committed([partition])[0].Committed.IsSpecial)
            return true;
        throw new ConfigurationException(
            $"Producer:Source=kafka needs a broker with transactions: this one confirms them but does not keep them (a committed offset "
                + $"of {Topic} is not there afterwards). Take Apache Kafka or a compatible one; the embedded one has no transactions.");
    }

    private void Assigned(int partitions)
    {
        if (partitions > 0)
            _status.UnhealthyReason = null; // a topic that was gone is back
        Log.TopicAssigned(_logger, partitions, Topic);
    }

    /// <summary>Partitions go to another replica: what was read of them is committed before, or not at all.</summary>
    private void Revoked(List<TopicPartitionOffset> partitions)
    {
        string? before = _status.UnhealthyReason;
        bool aborted = false;
        try
        {
            aborted = _transaction.IsOpen && !_ended && !Commit();
        }
        finally
        {
            Forget(partitions);
            if (aborted && _unplaced.Count == 0)
                _status.UnhealthyReason = before; // why the commit failed is the reason of those who have the partitions now
        }

        Log.TopicRevoked(_logger, partitions.Count, Topic);
    }

    /// <summary>Partitions are another replica's already, which reads again what is not committed.</summary>
    private void Lost(List<TopicPartitionOffset> partitions)
    {
        try
        {
            if (_transaction.IsOpen && !_ended)
            {
                _unplaced.UnionWith(_next.Keys);
                _next.Clear();
                _topicMetrics.TransactionAborted();
                _transaction.Abort();
            }
        }
        finally
        {
            // An abort that fails is the end of this producer, and its successor must not begin what is no longer ours.
            Forget(partitions);
        }

        Log.TopicLost(_logger, partitions.Count, Topic);
    }

    private void Forget(List<TopicPartitionOffset> partitions)
    {
        foreach (TopicPartitionOffset gone in partitions)
        {
            _next.Remove(gone.TopicPartition);
            _unplaced.Remove(gone.TopicPartition);
        }
    }

    /// <summary>The client's callbacks return in any case; the loop throws what they cannot.</summary>
    private void Guard(Action callback)
    {
        try
        {
            callback();
        }
        catch (KafkaException e)
        {
            _failure ??= new TransactionsLostException(e.Error);
        }
        catch (TransactionsLostException e)
        {
            _failure ??= e;
        }
    }

    /// <summary>
    /// A record caused an unexpected exception. Some of its ticks may be in the transaction, so it is aborted and read again; the
    /// last failure gives the record up, and its next reading makes a dead letter.
    /// </summary>
    private void Failed(ConsumeResult<byte[]?, byte[]?> record, Exception e)
    {
        string type = RecordFailures.TypeOf(e);
        if (!_failures.TryGetValue(record.TopicPartition, out RecordFailures? failures))
            _failures[record.TopicPartition] = failures = new RecordFailures();
        int tries = failures.Failed(record.Offset.Value, type);
        Log.TopicRecordFailed(_logger, e, Topic, record.Partition.Value, record.Offset.Value, type, tries, RecordFailures.TriesMax);
        string sentence = $"record {record.Offset.Value} of partition {record.Partition.Value} of {Topic} failed {tries} times";
        if (tries >= RecordFailures.TriesMax)
            _status.Notices.Add("failed", $"{sentence} and went to {_kafka.DeadLetters}; see the log", FailedNotice);
        _transaction.Abort();
        Aborted(ErrorCode.Local_Application, new Explanation($"{sentence}; see the log", $"{sentence} ({type})"));
    }

    private void Close()
    {
        _ended = true;
        try
        {
            _consumer.Close();
        }
        catch (KafkaException e)
        {
            // The group notices by itself after the session timeout.
            Unreadable(e.Error);
        }
    }
}
