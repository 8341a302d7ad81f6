using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Radar.Market;

namespace Radar.ServiceDefaults;

/// <summary>
/// Makes Kafka clients for those who need new ones while they run: a transactional producer that was fenced is of no more use. All others
/// have theirs registered (<see cref="KafkaRegistration"/>).
/// </summary>
public sealed class KafkaClients
{
    private readonly IServiceProvider _services;
    private readonly KafkaFault? _fault;

    internal KafkaClients(string servers, IServiceProvider services, string advice = "Check ConnectionStrings:kafka.")
    {
        (Servers, _services, Advice) = (servers, services, advice);
        _fault = services.GetService<KafkaFault>();
        Server = ServerAddress.OfKafka(servers);
    }

    /// <summary>The Kafka of the connection string, for spans; null where that names several servers.</summary>
    public ServerAddress? Server { get; }

    /// <summary>The bootstrap servers, <c>host:port,host:port</c>; credentials are elsewhere, in <c>Kafka:Client</c>.</summary>
    public string Servers { get; }

    /// <summary>What to look at where Kafka does not answer, a sentence.</summary>
    public string Advice { get; }

    /// <summary>What went wrong, in a few words: <see cref="KafkaFault"/>.</summary>
    public Explanation Reason(Error error) => _fault?.Of(error) ?? KafkaFault.WordsOf(error);

    /// <summary>A producer's builder; <c>Kafka:Client</c> is applied before <paramref name="configure"/>.</summary>
    public ProducerBuilder<TKey, TValue> Producer<TKey, TValue>(Action<ProducerConfig> configure) =>
        new ProducerBuilder<TKey, TValue>(Configured(configure)).SetLogHandler(KafkaLog.Handler(_services));

    /// <summary>A consumer's builder; <c>Kafka:Client</c> is applied before <paramref name="configure"/>.</summary>
    public ConsumerBuilder<TKey, TValue> Consumer<TKey, TValue>(Action<ConsumerConfig> configure) =>
        new ConsumerBuilder<TKey, TValue>(Configured(configure)).SetLogHandler(KafkaLog.Handler(_services));

    /// <summary>An admin client's builder; its errors are those of the requests.</summary>
    public AdminClientBuilder Admin() => new AdminClientBuilder(Configured<AdminClientConfig>(static _ => { }))
        .SetLogHandler(KafkaLog.Handler(_services)).SetErrorHandler((_, _) => { });

    private TConfig Configured<TConfig>(Action<TConfig> configure)
        where TConfig : ClientConfig, new()
    {
        var config = new TConfig { BootstrapServers = Servers };
        KafkaRegistration.Shared(_services.GetRequiredService<IOptions<KafkaOptions>>().Value, config);
        configure(config);
        return config;
    }
}
