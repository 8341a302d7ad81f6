using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Connections;

/// <summary>
/// A Kafka that takes users by SCRAM over TLS only, and a Redis with TLS only, each with a certificate of the tests' CA, and with a user
/// for each service that may what docs/security.md gives it, and nothing else.
/// </summary>
[Requires(Need.KafkaHome, Need.RedisServer)]
public sealed class SecuredServers : IAsyncLifetime
{
    /// <summary>Of every user.</summary>
    public const string Password = "p@ss:w/rd#1";

    public const string Administrator = "admin";

    private ApacheKafka? _kafka;
    private RedisProcess? _redis;
    private ConnectionMultiplexer? _administrator;
    private IssuedCertificate? _client;
    private IAdminClient? _kafkaAdministrator;

    internal TestAuthority Authority { get; } = new();

    internal string Kafka => _kafka!.BootstrapServers;

    /// <summary>A client that may do everything.</summary>
    internal ConnectionMultiplexer Redis => _administrator!;

    internal IAdminClient KafkaAdministrator => _kafkaAdministrator!;

    /// <summary>What Redis asks its clients for.</summary>
    internal IssuedCertificate Client => _client ??= Authority.Issue();

    /// <summary>The connection string of a user.</summary>
    internal string RedisOf(string user) => $"rediss://{user}:{Uri.EscapeDataString(Password)}@{_redis!.Address}";

    /// <summary>What each service needs to reach both, as a user.</summary>
    internal string[] SettingsOf(string user) =>
    [
        $"--ConnectionStrings:kafka={Kafka}", $"--ConnectionStrings:redis={RedisOf(user)}?asyncTimeout=60000",
        $"--Redis:CaFile={Authority.CaFile}", $"--Redis:ClientCertificateFile={Client.File}", $"--Redis:ClientKeyFile={Client.KeyFile}",
        .. ClientOf(user).Select(setting => $"--Kafka:Client:{setting.Key}={setting.Value}"),
    ];

    internal Dictionary<string, string> ClientOf(string user) => new()
    {
        ["security.protocol"] = "SASL_SSL", ["ssl.ca.location"] = Authority.CaFile, ["sasl.mechanism"] = "SCRAM-SHA-512",
        ["sasl.username"] = user, ["sasl.password"] = Password,
    };

    public async Task InitializeAsync()
    {
        if (Requirement.MissingFor(GetType()) is not null)
            return;
        var certificate = Authority.Issue();
        var kafka = StartKafkaAsync(certificate);
        await StartRedisAsync(certificate);
        _kafka = await kafka;
        _kafkaAdministrator = new AdminClientBuilder(new AdminClientConfig(ClientOf(Administrator)) { BootstrapServers = Kafka })
            .SetLogHandler(static (_, _) => { }).Build();
    }

    public async Task DisposeAsync()
    {
        _kafkaAdministrator?.Dispose();
        if (_administrator is not null)
            await _administrator.DisposeAsync();
        if (_redis is not null)
            await _redis.DisposeAsync();
        if (_kafka is not null)
            await _kafka.DisposeAsync();
        Authority.Dispose();
    }

    /// <summary>Creates topics of three partitions.</summary>
    internal Task CreateTopicsAsync(params string[] topics) =>
        KafkaAdministrator.CreateTopicsAsync(topics.Select(topic => new TopicSpecification { Name = topic, NumPartitions = 3 }));

    private async Task StartRedisAsync(IssuedCertificate certificate)
    {
        string ca = Authority.CaFile;
        void Trust(ConfigurationOptions options)
        {
            options.TrustIssuer(ca);
            options.SetUserPemCertificate(Client.File, Client.KeyFile);
        }

        _redis = await RedisProcess.StartAsync(
            port =>
            [
                "--port", "0", "--tls-port", port.ToString(CultureInfo.InvariantCulture), "--tls-cert-file", certificate.File,
                "--tls-key-file", certificate.KeyFile, "--tls-ca-cert-file", ca, "--tls-auth-clients", "yes", "--save", "",
            ],
            ",ssl=true,checkCertificateRevocation=false", Trust);
        var options = ConfigurationOptions.Parse(_redis.Address + ",ssl=true,checkCertificateRevocation=false,allowAdmin=true");
        Trust(options);
        _administrator = await ConnectionMultiplexer.ConnectAsync(options);
    }

    private Task<ApacheKafka> StartKafkaAsync(IssuedCertificate certificate)
    {
        const string Module = "org.apache.kafka.common.security.scram.ScramLoginModule";
        string properties = $"""
            ssl.keystore.type=PEM
            ssl.keystore.location={certificate.BothFile}
            ssl.truststore.type=PEM
            ssl.truststore.location={Authority.CaFile}
            sasl.enabled.mechanisms=SCRAM-SHA-512
            sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
            listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config={Module} required username="{Administrator}" password="{Password}";
            authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
            super.users=User:{Administrator};User:ANONYMOUS
            """;
        string[] users = [Administrator, .. SecurityDocument.KafkaUsers()];
        return ApacheKafka.StartAsync(
            Environment.GetEnvironmentVariable(ApacheKafka.HomeVariable)!,
            new KafkaListener(
                "SASL_SSL", properties,
                [
                    .. users.SelectMany(user => (string[])["--add-scram", $"SCRAM-SHA-512=[name={user},password=\"{Password}\"]"]),
                ],
                ClientOf(Administrator)));
    }
}
