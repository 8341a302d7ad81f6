using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api;
using Radar.Consumer;
using Radar.Market;
using Radar.Producer;
using Radar.ServiceDefaults;
using Radar.Standalone;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.ServiceDefaults;

/// <summary>Connection strings: both forms of Redis's are read, and nothing that is secret in one is ever shown.</summary>
public sealed class ConnectionStringTests
{
    private const string Marker = "hunter2secret";

    [Theory]
    [InlineData("redis://cache", "cache:6379", null, null, null, false)]
    [InlineData("redis://cache:7000/", "cache:7000", null, null, null, false)]
    [InlineData("REDIS://:p%40ss%2Cw@cache/5", "cache:6379", null, "p@ss,w", 5, false)]
    [InlineData("rediss://radar:100%25@cache:6380/0", "cache:6380", "radar", "100%", 0, true)]
    [InlineData("redis://u%3A1:a:b@[::1]:7000", "[::1]:7000", "u:1", "a:b", null, false)]
    [InlineData("redis://cache?connectTimeout=1234", "cache:6379", null, null, null, false)]
    [InlineData("a:1,b:2,user=u,password=p=q,ssl=true,defaultDatabase=3", "a:1,b:2", "u", "p=q", 3, true)]
    [InlineData(" a , password=p", "a:6379", null, "p", null, false)]
    public void Both_forms_are_read(string text, string addresses, string? user, string? password, int? database, bool tls)
    {
        var read = RedisConnectionString.Parse(text);

        var options = read.ToOptions();
        Assert.Equal(addresses, read.Addresses);
        Assert.Equal(addresses, string.Join(',', options.EndPoints.Select(EndPointCollection.ToString)));
        Assert.Equal((user, password, database, tls), (options.User, options.Password, options.DefaultDatabase, options.Ssl));
        if (text.Contains("connectTimeout", StringComparison.Ordinal))
            Assert.Equal(1234, options.ConnectTimeout);
        if (password is not null)
            Assert.DoesNotContain("assword", read.WithoutCredentials, StringComparison.Ordinal);
    }

    /// <summary>What stands in a connection string where it should not may be a part of a password.</summary>
    [Fact]
    public async Task No_secret_of_a_connection_string_is_shown_whatever_is_wrong_with_it()
    {
        var random = new Random(10);
        int unreadable = 0;
        for (int i = 0; i < 2000; i++)
        {
            string text = OddRedis(random);
            try
            {
                var read = RedisConnectionString.Parse(text);
                string shown = read.Addresses + string.Join(',', read.ToOptions().EndPoints.Select(EndPointCollection.ToString));
                Assert.False(shown.Contains(Marker, StringComparison.OrdinalIgnoreCase), $"{text} is shown as {shown}");
            }
            catch (FormatException e)
            {
                unreadable++;
                Assert.False($"{e}".Contains(Marker, StringComparison.OrdinalIgnoreCase), $"{text}: {e.Message}");
                if (unreadable % 50 == 0)
                    AssertServiceRefuses(text, "a:1");
            }

            await AssertStandaloneHidesAsync("--redis", text);
        }

        Assert.InRange(unreadable, 200, 1950);
    }

    [Theory]
    [InlineData("broker:9092,sasl.password=" + Marker)]
    [InlineData("bootstrap.servers=broker:9092;sasl.password=" + Marker)]
    [InlineData("sasl_ssl://radar:" + Marker + "@broker:9092")]
    [InlineData("broker:9092:" + Marker)]
    [InlineData("kafka://radar:" + Marker + "@broker")]
    public async Task No_secret_in_a_Kafka_connection_string_is_shown(string text)
    {
        var e = Assert.Throws<FormatException>(() => KafkaConnectionString.Check(text));
        Assert.Contains("Kafka:Client", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Marker, e.Message, StringComparison.Ordinal);
        AssertServiceRefuses("a:1", text);
        await AssertStandaloneHidesAsync("--kafka", text);
    }

    [Theory]
    [InlineData("broker")]
    [InlineData("a:1,b:2")]
    [InlineData("SASL_SSL://a.b-c:1, [::1]:9092")]
    public void Bootstrap_servers_are_taken_as_they_are(string text) => Assert.Equal(text, KafkaConnectionString.Check(text));

    [Theory]
    [InlineData("sasl.mechanism", Marker)]
    [InlineData("security.protocol", Marker)]
    [InlineData("ssl.key.pem", Marker)]
    [InlineData("sasl.pasword", Marker)]
    [InlineData("socket.timeout.ms", Marker)]
    public void No_value_of_a_setting_of_the_Kafka_client_is_shown(string name, string value)
    {
        var options = new KafkaOptions();
        options.Client["security.protocol"] = "sasl_plaintext";
        options.Client[name] = value;

        string failure = Assert.Single(new KafkaOptionsRules().Validate(null, options).Failures!);

        Assert.DoesNotContain(value, failure, StringComparison.OrdinalIgnoreCase);
    }

    [RequiresFact(Need.RedisServer)]
    public async Task Service_connects_by_a_URL_whose_password_has_what_the_other_form_cannot_have()
    {
        await using var server = await RedisServer.StartAsync();
        await using (var redis = await PatientRedis.ConnectAsync(server.Address + ",allowAdmin=true"))
            await redis.GetServers()[0].ConfigSetAsync("requirepass", "p,w=@/ä");
        var builder = WebApplication.CreateBuilder(
            ["--ConnectionStrings:redis", $"redis://default:p%2Cw%3D%40%2F%C3%A4@{server.Address}/2?asyncTimeout=60000"]);
        builder.AddRadarRedis();
        await using var app = builder.Build();

        var connection = app.Services.GetRequiredService<IConnectionMultiplexer>();
        await Wait.UntilAsync(() => Task.FromResult(connection.IsConnected), "it is connected");

        await connection.GetDatabase().PingAsync();
        Assert.Equal(2, connection.GetDatabase().Database);
        Assert.Equal(server.Address, connection.Addresses());
    }

    /// <summary>Strings of both forms with the marker where a secret may be, right and wrong in many ways.</summary>
    private static string OddRedis(Random random)
    {
        string[] secrets =
        [
            Marker, "x," + Marker, Marker + ",x", "x=" + Marker, "a@" + Marker, Marker + "/x", "x#" + Marker, "?" + Marker,
            ":" + Marker + ":", "x " + Marker, "x," + Marker + "=1", "x," + Marker + ":1x",
        ];
        string secret = Pick(secrets), host = Pick("cache:6379", "cache", "10.0.0.1:1", "cache:x", "[::1]:6379", "", "ca che:1");
        string scheme = Pick("redis", "rediss", "REDIS", "http", ""), user = Pick("", "radar");
        string encoded = Pick(secret, Uri.EscapeDataString(secret));
        string path = Pick("", "/", "/0", "/x", "?ssl=true", "/1?bogus=1", "#x");
        string name = Pick("pasword", "Password", "user", "pass word", "$pw");
        return Pick(
            $"{scheme}://{user}:{encoded}@{host}{path}",
            $"redis://{secret}@{host}",
            $"{host},password={secret}",
            $"{host},{name}={secret},{Pick("ssl=true", "ssl=maybe", "asyncTimeout=ten", "abortConnect")}",
            $"radar:{secret}@{host}",
            $"password={secret},{host}",
            $"{host},asyncTimeout={secret}",
            $"{host},ssl={secret},password={secret}");

        string Pick(params string[] choices) => choices[random.Next(choices.Length)];
    }

    private static void AssertServiceRefuses(string redis, string kafka)
    {
        string[] arguments = ["--urls", "http://127.0.0.1:0", "--ConnectionStrings:redis", redis, "--ConnectionStrings:kafka", kafka];
        foreach (var build in new Func<string[], WebApplication>[] { ApiService.Build, ConsumerService.Build, ProducerService.Build })
        {
            if (build == ProducerService.Build && kafka == "a:1")
                continue; // it has no Redis
            var e = Assert.Throws<ConfigurationException>(() => build(arguments));
            Assert.StartsWith("ConnectionStrings:", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Marker, $"{e}", StringComparison.OrdinalIgnoreCase);
        }
    }

    /// <summary>Neither a line about the command line nor the banner of what runs shows the marker.</summary>
    private static async Task AssertStandaloneHidesAsync(string option, string text)
    {
        using var output = new StringWriter();
        var (options, _) = StandaloneCommand.Read(["--source", "none", "--kafka", "a:1", option, text], output, output);
        if (option == "--redis" && options is not null)
        {
            await using var infrastructure = await RunningInfrastructure.StartAsync(options, CancellationToken.None);
            await output.WriteAsync(
                Announcement.Path(options, infrastructure, ["http://127.0.0.1:1"], "http://127.0.0.1:1/api/v2/symbols")
                + Announcement.Infrastructure(infrastructure));
            Assert.Contains("Redis", $"{output}", StringComparison.Ordinal);
        }

        Assert.False($"{output}".Contains(Marker, StringComparison.OrdinalIgnoreCase), $"{text}: {output}");
    }
}
