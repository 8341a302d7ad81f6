using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Control;

namespace Radar.Producer.Control;

/// <summary>
/// <c>POST /control/inject</c>: sends one <see cref="PoisonRecord"/> with a client of its own, and looks for its dead letter.
/// </summary>
internal sealed class PoisonInjector(
    KafkaClients clients, GuardedAdmin admin, IOptions<KafkaOptions> kafka, IConfiguration configuration, TimeProvider time)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DeadLetterTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Sends a record of <paramref name="kind"/>.</summary>
    /// <exception cref="ControlException">There is no such kind, or Kafka did not take it.</exception>
    public async Task<ControlResult> InjectAsync(string? kind, CancellationToken cancellationToken)
    {
        PoisonRecord poison = PoisonRecord.All.FirstOrDefault(known => known.Kind == kind) ?? throw new ControlException(
            StatusCodes.Status400BadRequest,
            $"kind '{kind}' is not known; one of {string.Join(", ", PoisonRecord.All.Select(known => known.Kind))}.");
        try
        {
            return await Task.Run(() => Inject(poison, cancellationToken), cancellationToken);
        }
        catch (KafkaException e)
        {
            throw new ControlException(StatusCodes.Status503ServiceUnavailable,
                $"Kafka did not take the record: {clients.Reason(e.Error).Public}. Start it, then try again.");
        }
    }

    private ControlResult Inject(PoisonRecord poison, CancellationToken cancellationToken)
    {
        using var deadLetters = poison.IsRefused ? DeadLetterReader.AtEnd(clients, admin, kafka.Value.DeadLetters, Timeout) : null;
        using var producer = clients.Producer<byte[]?, byte[]?>(config =>
        {
            config.Partitioner = Partitioner.Murmur2Random;
            config.MessageTimeoutMs = (int)Timeout.TotalMilliseconds;
        }).SetKeySerializer(Serializers.ByteArray!).SetValueSerializer(Serializers.ByteArray!).SetErrorHandler((_, _) => { }).Build();
        var message = poison.Make(time.GetUtcNow().ToUnixTimeMilliseconds());
        TopicPartitionOffset sent = producer.ProduceAsync(kafka.Value.Topic, message, cancellationToken).GetAwaiter()
            .GetResult().TopicPartitionOffset;
        FoundDeadLetter? deadLetter = deadLetters?.Find(sent, DeadLetterTimeout, time, cancellationToken);
        return new ControlResult(
            true,
            $"{poison.Kind}: {sent.Topic} partition {sent.Partition.Value} offset {sent.Offset.Value}.",
            $"""
            | | |
            |---|---|
            | kind | `{poison.Kind}`: {poison.Description} |
            | record | `{sent.Topic}` partition {sent.Partition.Value} offset {sent.Offset.Value}, symbol `{PoisonRecord.Symbol}` |
            | outcome | {Outcome(poison, deadLetter)} |

            {See(poison, deadLetter)}
            """);
    }

    private string Outcome(PoisonRecord poison, FoundDeadLetter? deadLetter) => deadLetter is { } found
        ? $"refused, `{found.Reason}`: `{kafka.Value.DeadLetters}` partition {found.At.Partition.Value} offset {found.At.Offset.Value}"
        : poison.IsRefused
            ? $"no dead letter within {DeadLetterTimeout.TotalSeconds:0} s: the consumer is paused, behind or not running"
            : $"to be applied: `{PoisonRecord.Symbol}` is a symbol of the API from now on, `/api/v2/tickers/{PoisonRecord.Symbol}`";

    private string See(PoisonRecord poison, FoundDeadLetter? deadLetter)
    {
        if (!poison.IsRefused)
            return $"See it: `curl <api>/api/v2/tickers/{PoisonRecord.Symbol}`";
        string from = deadLetter is { } found
            ? $"--partition {found.At.Partition.Value} --offset {found.At.Offset.Value} --max-messages 1"
            : "--from-beginning";
        return "See it: `kafka-console-consumer.sh --bootstrap-server " + configuration.GetConnectionString("kafka")
            + $" --topic {kafka.Value.DeadLetters} {from} --property print.headers=true`";
    }
}

/// <summary>Body of the request.</summary>
/// <param name="Kind">One of <see cref="PoisonRecord.All"/>.</param>
internal sealed record InjectRequest(string? Kind = null);
