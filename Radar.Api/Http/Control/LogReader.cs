using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Market.Projection;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Control;

namespace Radar.Api.Http.Control;

/// <summary>
/// Folds one symbol from its partition of the topic, from the first record that the log still has. It joins no group and commits nothing.
/// </summary>
internal sealed class LogReader(
    KafkaClients clients, IOptions<KafkaOptions> kafka, IOptions<RadarOptions> radar, SymbolRule symbols,
    IOptions<ProjectionOptions> projection, IConfiguration configuration, TimeProvider time)
{
    private const int Attempts = 3;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollTime = TimeSpan.FromMilliseconds(100);

    /// <summary>Leaves time for the answer within that of the command.</summary>
    private static readonly TimeSpan ReadTime = TimeSpan.FromSeconds(45);

    // The consumer's setting and its default; the AppHost hands it on.
    private readonly long _futureToleranceMs = configuration.GetValue("Consumer:FutureToleranceSeconds", 300) * 1000L;

    /// <summary>Reads up to the last of <paramref name="stops"/> and calls each when everything before its offset is folded.</summary>
    /// <returns>Where the log began, and how many records were read.</returns>
    /// <exception cref="ControlException">The log ends earlier, is too long to be read in time, or Kafka does not answer.</exception>
    public LogPart Fold(string symbol, int partition, IReadOnlyList<LogStop> stops, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return FoldOnce(symbol, partition, [.. stops.OrderBy(stop => stop.Offset)], cancellationToken);
            }
            catch (ConsumeException e) when (e.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
            {
                // The broker dropped the oldest records between the question where the log begins and the first read.
                if (attempt == Attempts)
                    throw new ControlException(
                        StatusCodes.Status409Conflict,
                        "The topic drops its oldest records faster than they are read. Lower the rate, then try again.");
            }
            catch (KafkaException e)
            {
                throw new ControlException(
                    StatusCodes.Status503ServiceUnavailable,
                    $"The log cannot be read: {KafkaFault.WordsOf(e.Error).Public}. Start Kafka, then try again.");
            }
        }
    }

    private LogPart FoldOnce(string symbol, int partition, LogStop[] stops, CancellationToken cancellationToken)
    {
        using var consumer = Consumer();
        try
        {
            var at = new TopicPartition(kafka.Value.Topic, partition);
            var ends = consumer.QueryWatermarkOffsets(at, Timeout);
            if (stops[^1].Offset > ends.High.Value)
            {
                throw new ControlException(
                    StatusCodes.Status409Conflict,
                    $"Redis has applied everything before offset {stops[^1].Offset} of partition {partition}, but the topic ends at "
                        + $"{ends.High.Value}: the state is of another log.");
            }

            consumer.Assign(new TopicPartitionOffset(at, ends.Low));
            return Read(consumer, ends.Low.Value, new SymbolFold(symbol, projection.Value), symbol, stops, cancellationToken);
        }
        finally
        {
            consumer.Close();
        }
    }

    private LogPart Read(
        IConsumer<byte[]?, byte[]?> consumer, long begin, SymbolFold fold, string symbol, LogStop[] stops,
        CancellationToken cancellationToken)
    {
        var names = new NameTable(symbols);
        long start = time.GetTimestamp(), records = 0;
        int done = Pass(0, begin);
        while (done < stops.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (time.GetElapsedTime(start) > ReadTime)
            {
                throw new ControlException(
                    StatusCodes.Status409Conflict,
                    $"{records} records of the partition were read in {ReadTime.TotalSeconds:0} s, which was not all of it: the log is "
                        + $"too long for a command.");
            }

            if (consumer.Consume(PollTime) is not { } read)
                continue;
            if (read.IsPartitionEOF)
            {
                done = Pass(done, read.Offset.Value);
                continue;
            }

            // What is not handed out before it (markers of transactions) is passed as well.
            done = Pass(done, read.Offset.Value);
            if (done == stops.Length)
                break;
            records++;
            if (IsOf(read.Message, symbol, names, out Tick tick))
                fold.Add(tick, read.Offset.Value);
            done = Pass(done, read.Offset.Value + 1);
        }

        return new LogPart(begin, records, fold.Ticks);

        int Pass(int next, long offset)
        {
            while (next < stops.Length && stops[next].Offset <= offset)
                stops[next++].Reached(fold, begin);
            return next;
        }
    }

    private bool IsOf(Message<byte[]?, byte[]?> message, string symbol, NameTable names, out Tick tick)
    {
        tick = default;
        return names.Symbol(message.Key) == symbol
            && TickRecord.TryRead(
                message.Key, message.Value, message.Timestamp.UnixTimestampMs, time.GetUtcNow().ToUnixTimeMilliseconds(),
                _futureToleranceMs, names, out tick, radar.Value.AllowNonPositivePrices)
                == TickRefusal.None;
    }

    private IConsumer<byte[]?, byte[]?> Consumer() => clients.Consumer<byte[]?, byte[]?>(static config =>
    {
        config.GroupId = "radar-control";
        config.EnableAutoCommit = false;
        config.IsolationLevel = IsolationLevel.ReadCommitted;
        config.AutoOffsetReset = AutoOffsetReset.Error;
        config.EnablePartitionEof = true;
    }).SetKeyDeserializer(Deserializers.ByteArray!).SetValueDeserializer(Deserializers.ByteArray!).SetErrorHandler(static (_, _) => { })
        .Build();
}

/// <summary>Something to do when everything before an offset is folded.</summary>
/// <param name="Offset">Exclusive.</param>
/// <param name="Reached">Gets the fold, and the offset at which the log began.</param>
internal sealed record LogStop(long Offset, Action<SymbolFold, long> Reached);

/// <summary>What was read.</summary>
/// <param name="Begin">Offset of the first record that the log still had.</param>
/// <param name="Records">Records read.</param>
/// <param name="Ticks">Those of the symbol that are ticks.</param>
internal readonly record struct LogPart(long Begin, long Records, long Ticks);
