using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api;
using Radar.Api.Access;
using Radar.Client;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.WholePath;

/// <summary>What a key with symbol patterns may see where case counts.</summary>
public sealed class SymbolCaseKeysTests
{
    [Fact]
    public async Task Patterns_of_a_key_are_of_one_spelling_in_reads_lists_and_the_stream()
    {
        using var kafka = EmbeddedKafka.Start();
        kafka.CreateTopic("as-spelled", partitions: 1);
        kafka.CreateTopic("as-spelled.dlq", partitions: 1);
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(
            kafka, redis.Address, "as-spelled", "--Kafka:TopicIdentity=test", "--Producer:SymbolCase=keep", "--Auth:Mode=keys");
        await path.StartConsumerAsync();
        WebApplication host = await path.StartAsync(ApiService.Build, []);
        using var all = await WithKeyAsync(host, []);
        using var some = await WithKeyAsync(host, ["k*E", "BRKa"]);
        await path.SendAsync([.. new[] { "kPEPE", "KPEPE", "kpepe", "BRKa", "BRKA" }.Select(symbol =>
            ((string?)symbol, (string?)$$"""{"symbol":"{{symbol}}","price":1,"timestamp":1}"""))]);
        await RadarPath.BacklogAppliedAsync(all);
        var client = new RadarClient(some);

        Assert.Equal(["BRKA", "BRKa", "KPEPE", "kPEPE", "kpepe"], (await new RadarClient(all).GetSymbolsAsync()).Symbols);
        Assert.Equal(["BRKa", "kPEPE"], (await client.GetSymbolsAsync()).Symbols);
        Assert.Equal("kPEPE", (await client.GetTickerAsync("kPEPE"))?.Symbol);
        foreach (string symbol in new[] { "KPEPE", "kpepe", "BRKA" })
        {
            using var answer = await some.GetAsync(new Uri("/api/v2/tickers/" + symbol, UriKind.Relative));
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        await using var stream = client.StreamAsync(StreamChannels.Tickers).GetAsyncEnumerator();
        var snapshot = await SymbolCaseTests.SnapshotAsync(stream);
        Assert.Equal(["BRKa", "kPEPE"], snapshot.Tickers.Select(ticker => ticker.Symbol));
    }

    private static async Task<HttpClient> WithKeyAsync(WebApplication api, string[] symbols)
    {
        var (_, secret) = await api.Services.GetRequiredService<KeyAdministration>()
            .CreateAsync("test", [Scopes.Read, Scopes.Stream], symbols, lifetime: null, limits: null, "test");
        await api.Services.GetRequiredService<KnownKeys>().RefreshAsync();
        var client = new HttpClient { BaseAddress = new Uri(api.Urls.First()) };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret.Reveal());
        return client;
    }
}
