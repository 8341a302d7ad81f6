using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Confluent.Kafka;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Standalone;

public sealed class EmbeddedKafkaTests
{
    private const string Topic = "market-ticks";
    private const int Partitions = 12;
    private const int SigCont = 18;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SendSignal(int process, int thread, int signal);

    [Fact]
    public void Created_topic_has_its_partitions()
    {
        using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic(Topic, Partitions);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build();

        var topic = Assert.Single(admin.GetMetadata(Wait.Limit).Topics);

        Assert.Equal((Topic, Partitions), (topic.Topic, topic.Partitions.Count));
    }

    [Fact]
    public void Topic_that_exists_is_not_created_again()
    {
        using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic(Topic, Partitions);

        var error = Assert.Throws<InvalidOperationException>(() => kafka.CreateTopic(Topic, Partitions));

        Assert.Contains(Topic, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Records_are_read_back_in_order_by_a_group_and_its_commit_is_kept(bool onGivenPort)
    {
        using var kafka = EmbeddedKafka.Start(onGivenPort ? LoopbackPort.Free() : 0);
        kafka.CreateTopic(Topic, Partitions);
        Produce(kafka, count: 100);

        var read = Consume(kafka, count: 60, commit: true);
        var rest = Consume(kafka, count: 40, commit: false);

        Assert.Equal(Enumerable.Range(0, 60), read);
        Assert.Equal(Enumerable.Range(60, 40), rest);
    }

    [RequiresFact(Need.Proc)]
    public void Signal_that_comes_to_the_thread_of_the_broker_does_not_end_it()
    {
        // where nobody handles a signal, it interrupts nothing
        using var handled = PosixSignalRegistration.Create((PosixSignal)SigCont, _ => { });
        var others = BrokerThreads();
        using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic(Topic, Partitions); // by its thread, which runs from here on

        var threads = BrokerThreads().Except(others).ToList();
        Assert.NotEmpty(threads); // of tests beside this one, too
        foreach (int thread in threads)
            SendToThread(thread, SigCont);

        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build();
        Assert.Equal(Partitions, Assert.Single(admin.GetMetadata(Wait.Limit).Topics).Partitions.Count);
    }

    [Fact]
    public void Port_that_is_taken_is_reported_as_a_socket_error()
    {
        using var first = EmbeddedKafka.Start(LoopbackPort.Free());
        int port = int.Parse(first.BootstrapServers.Split(':')[1], CultureInfo.InvariantCulture);

        var error = Assert.Throws<SocketException>(() => EmbeddedKafka.Start(port));

        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
    }

    [Fact]
    public void Disposed_broker_accepts_no_more_connections()
    {
        int port = LoopbackPort.Free();
        var kafka = EmbeddedKafka.Start(port);
        kafka.Dispose();

        using var client = new TcpClient();

        Assert.Throws<SocketException>(() => client.Connect("127.0.0.1", port));
    }

    private static List<int> BrokerThreads() =>
        [.. Directory.GetDirectories("/proc/self/task")
            .Where(task => NameOf(task) == "rdk:mock")
            .Select(task => int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture))];

    private static string? NameOf(string task)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, "comm")).TrimEnd();
        }
        catch (IOException)
        {
            return null; // it has ended
        }
    }

    private static void SendToThread(int thread, int signal)
    {
        nint send = NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "tgkill");
        _ = Marshal.GetDelegateForFunctionPointer<SendSignal>(send)(Environment.ProcessId, thread, signal);
    }

    private static void Produce(EmbeddedKafka kafka, int count)
    {
        var config = new ProducerConfig { BootstrapServers = kafka.BootstrapServers, EnableIdempotence = true };
        using var producer = new ProducerBuilder<string, int>(config).SetValueSerializer(Serializers.Int32).Build();
        for (int value = 0; value < count; value++)
            producer.Produce(new TopicPartition(Topic, 3), new Message<string, int> { Key = "A", Value = value });
        Assert.Equal(0, producer.Flush(Wait.Limit));
    }

    private static List<int> Consume(EmbeddedKafka kafka, int count, bool commit)
    {
        var config = new ConsumerConfig(new Dictionary<string, string>(EmbeddedKafka.ClientSettings))
        {
            BootstrapServers = kafka.BootstrapServers,
            GroupId = "readers",
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
        };
        using var consumer = new ConsumerBuilder<string, int>(config).SetValueDeserializer(Deserializers.Int32).Build();
        consumer.Subscribe(Topic);
        var values = new List<int>();
        while (values.Count < count && consumer.Consume(Wait.Limit) is { } record)
        {
            values.Add(record.Message.Value);
            if (commit && values.Count == count)
                consumer.Commit(record);
        }

        consumer.Close();
        return values;
    }
}
