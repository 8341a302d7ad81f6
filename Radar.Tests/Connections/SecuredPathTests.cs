using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Radar.Api;
using Radar.Consumer;
using Radar.Producer;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.Connections;

/// <summary>The whole path with TLS everywhere and, for each service, a user that may exactly what docs/security.md gives it.</summary>
public sealed class SecuredPathTests(SecuredServers servers) : IClassFixture<SecuredServers>
{
    private const string Topic = "market-ticks";
    private const string Consumer = "radar-consumer", Api = "radar-api", Producer = "radar-producer", Mapper = "radar-mapper";
    private const string Host = "radar.example";
    private const string Mapped = "MAPPED";

    private static readonly AclBindingFilter AllRights = new()
    {
        PatternFilter = new ResourcePatternFilter { Type = ResourceType.Any, ResourcePatternType = ResourcePatternType.Any },
        EntryFilter = new AccessControlEntryFilter { Operation = AclOperation.Any, PermissionType = AclPermissionType.Any },
    };

    /// <summary>What the client asks about the server, and does without.</summary>
    private static readonly string[] Curious = ["cluster|nodes", "cluster|slots", "config|get"];

    [RequiresFact(Need.KafkaHome, Need.RedisServer)]
    public async Task Path_with_TLS_and_the_least_rights_serves_what_was_produced_and_nothing_was_refused()
    {
        await GrantAsync();
        using var lines = new LogLines();
        await using var path = new RadarPath(servers.Kafka, "127.0.0.1:1", Topic);
        await servers.CreateTopicsAsync(Topic, Topic + ".dlq", "others");
        await StartAsync(path, lines, ConsumerService.Build, Consumer);
        string key = await ApiUse.NewKeyAsync(servers.SettingsOf(Api));
        using var api = await StartApiAsync(path, lines);
        api.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

        var source = await StartAsync(
            path, lines, ProducerService.Build, Producer, "--Producer:Source=synthetic", "--Producer:Synthetic:PastMinutes=0",
            "--Producer:Synthetic:Count=2000", "--Producer:Synthetic:Rate=0");
        await StartAsync(path, lines, ProducerService.Build, Mapper, "--Producer:Source=kafka", "--Producer:Topic:Name=others");
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        await SendAsync("others", Mapped, $$"""{"symbol":"{{Mapped}}","price":7,"timestamp":{{now}}}""");
        await SendAsync(Topic, "BAD", "no tick");
        await RadarPath.ProducedAsync(source);

        await Wait.ForAsync(
            () => ApiUse.StatusAsync(api, "/api/v2/tickers/" + Mapped), static status => status == HttpStatusCode.OK,
            status => Task.FromResult($"the other topic is mapped: {status}\n{lines.Text}"));
        await RadarPath.BacklogAppliedAsync(api);
        using (var session = await api.PostAsync(new Uri("/session", UriKind.Relative), null))
        {
            Assert.Contains("; secure", Assert.Single(session.Headers.GetValues("Set-Cookie")), StringComparison.Ordinal);
            Assert.Contains("max-age", Assert.Single(session.Headers.GetValues("Strict-Transport-Security")), StringComparison.Ordinal);
        }

        await ApiUse.AllAsync(api, key);

        Assert.Empty(await RefusedByRedisAsync());
        Assert.DoesNotContain(lines.Lines, static line => Array.Exists(
            ["authoriz", "NOPERM", "right", "certificate"], word => line.Contains(word, StringComparison.OrdinalIgnoreCase)));
        Assert.DoesNotContain(SecuredServers.Password, lines.Text, StringComparison.Ordinal);
    }

    private async Task SendAsync(string topic, string key, string value)
    {
        using var producer = new ProducerBuilder<string, string>(
            new ProducerConfig(servers.ClientOf(SecuredServers.Administrator)) { BootstrapServers = servers.Kafka })
            .SetLogHandler(static (_, _) => { }).Build();
        await producer.ProduceAsync(topic, new Message<string, string> { Key = key, Value = value });
    }

    private async Task GrantAsync()
    {
        AclBinding[] rights = [.. SecurityDocument.KafkaRights()];
        await servers.KafkaAdministrator.CreateAclsAsync(rights);
        await Wait.UntilAsync( // the broker learns of them from its controller
            async () => (await servers.KafkaAdministrator.DescribeAclsAsync(AllRights)).AclBindings.Count >= rights.Length,
            "the broker knows the rights");
        foreach (string user in (string[])[Consumer, Api])
            await GrantAsync(user, SecurityDocument.RedisRulesOf(user));
        await servers.Redis.GetDatabase().ExecuteAsync("ACL", "LOG", "RESET");
    }

    private async Task GrantAsync(string user, IEnumerable<string> rules)
    {
        string[] all = ["SETUSER", user, .. rules, ">" + SecuredServers.Password];
        await servers.Redis.GetDatabase().ExecuteAsync("ACL", Array.ConvertAll<string, object>(all, static rule => rule));
    }

    /// <summary>What a user was refused, and how often.</summary>
    private async Task<string[]> RefusedByRedisAsync() =>
    [
        .. ((RedisResult[])(await servers.Redis.GetDatabase().ExecuteAsync("ACL", "LOG"))!).Select(static entry =>
        {
            var fields = entry.ToDictionary();
            return $"{fields["username"]}: {fields["reason"]} {fields["object"]} ({fields["context"]})";
        }).Where(static refused => !Array.Exists(Curious, asked => refused.Contains(asked, StringComparison.Ordinal))),
    ];

    private async Task<WebApplication> StartAsync(
        RadarPath path, LogLines lines, Func<string[], WebApplication> build, string user, params string[] more)
    {
        return await path.StartAsync(
            args =>
            {
                var host = build(args);
                host.Services.GetRequiredService<ILoggerFactory>().AddProvider(lines);
                return host;
            },
            [.. servers.SettingsOf(user), "--Logging:LogLevel:Default=Information", "--Logging:Console:LogLevel:Default=None", .. more]);
    }

    private async Task<HttpClient> StartApiAsync(RadarPath path, LogLines lines)
    {
        var certificate = servers.Authority.IssueFor("127.0.0.1", Host);
        var api = await StartAsync(
            path, lines, ApiService.Build, Api, "--Auth:Mode=keys", "--Kestrel:Endpoints:Https:Url=https://127.0.0.1:0",
            $"--Kestrel:Certificates:Default:Path={certificate.File}", $"--Kestrel:Certificates:Default:KeyPath={certificate.KeyFile}");
        var handler = new SocketsHttpHandler { UseCookies = false };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(servers.Authority.CaFile);
        var client = new HttpClient(handler) { BaseAddress = new Uri(api.Urls.Single()) };
        client.DefaultRequestHeaders.Host = Host; // HSTS is sent for hosts with a name only
        return client;
    }
}
