using System.Net;
using System.Text.Json.Nodes;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.WholePath;

/// <summary>A topic that no longer has what the state lacks: every answer, health and entity tag says so.</summary>
[Collection(OnApacheKafka.Name)]
public sealed class IncompleteStateTests(KafkaHome apache)
{
    private const string Ticker = "/api/v2/tickers/A";

    [RequiresFact(Need.KafkaHome)]
    public async Task Records_that_retention_deleted_while_the_consumer_was_away_are_named_until_a_rebuild_which_has_another_entity_tag()
    {
        using var redis = EmbeddedRedis.Start();
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, "hole", "--Kafka:Partitions=1");
        using HttpClient api = await path.StartApiAsync();
        var consumer = await path.StartConsumerAsync();
        await SendAsync(path, 10);
        await RadarPath.BacklogAppliedAsync(api);
        Assert.Null((await RadarPath.GetAsync(api, Ticker))["meta"]!["incomplete"]);
        Assert.Equal("Healthy", await RadarPath.HealthAsync(api, "integrity"));
        await path.StopAsync(consumer);
        await SendAsync(path, 10);
        await new TopicOnKafka(apache.BootstrapServers, "hole").DeleteBeforeAsync(15);

        await path.StartConsumerAsync();
        await RadarPath.BacklogAppliedAsync(api);

        string[] answers =
        [
            Ticker, "/api/v2/trades/A", "/api/v2/bars/A?timeframe=1Day", "/api/v2/tickers", "/api/v2/snapshots?symbols=A",
            "/api/v2/movers", "/api/v2/symbols",
        ];
        foreach (string served in answers)
        {
            var meta = (await RadarPath.GetAsync(api, served))["meta"]!;
            var mark = Assert.Single(meta["incomplete"]!.AsArray())!;
            Assert.Equal(
                ("retention", 0, 10, 15), ((string?)mark["reason"], (int?)mark["partition"], (int?)mark["from"], (int?)mark["to"]));
            Assert.True((DateTime?)mark["start"] <= (DateTime?)mark["end"]
                && (DateTime?)mark["end"] <= (DateTime?)mark["since"], mark.ToJsonString());
            Assert.False((bool?)meta["stale"], served); // it is current, and lacks what was before
        }

        Assert.Equal("Degraded", await RadarPath.HealthAsync(api, "integrity"));
        using var marked = await api.GetAsync(new Uri("/api/v2/bars/A?timeframe=1Day", UriKind.Relative));
        string tag = marked.Headers.ETag!.Tag;
        Assert.Equal(15, await TradesAsync(api));

        // No restart loses the mark, and a state that is rebuilt from what is left has the same offset and other data.
        using HttpClient another = await path.StartApiAsync();
        Assert.Single((await RadarPath.GetAsync(another, Ticker))["meta"]!["incomplete"]!.AsArray());
        await path.Redis.GetDatabase().ExecuteAsync("FLUSHALL");
        await Wait.UntilAsync(
            async () =>
                (string?)(await TryGetAsync(api, Ticker))?["meta"]?["incomplete"]?[0]!["reason"] == "log_start", "the state is rebuilt");
        await RadarPath.BacklogAppliedAsync(api);
        await Wait.UntilAsync(async () => await TradesAsync(api) == 5, "the state is served again");
        using var request = new HttpRequestMessage(
            HttpMethod.Get, "/api/v2/bars/A?timeframe=1Day") { Headers = { { "If-None-Match", tag } } };
        using var rebuilt = await api.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, rebuilt.StatusCode);
        Assert.Equal(tag.Split('!')[0], rebuilt.Headers.ETag!.Tag.Split('!')[0]);
        Assert.NotEqual(tag, rebuilt.Headers.ETag!.Tag);
        await Wait.UntilAsync( // the board is loaded again when the state has caught up with it
            async () => await RadarPath.HealthAsync(api, "integrity") == "Healthy",
            "nothing is missing of what the topic had when the state was begun");
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task State_of_a_compacted_topic_is_marked_from_the_start()
    {
        using var redis = EmbeddedRedis.Start();
        await new TopicOnKafka(apache.BootstrapServers, "compacted").CreateAsync(new() { ["cleanup.policy"] = "compact,delete" });
        await using var path = new RadarPath(apache.BootstrapServers, redis.Address, "compacted");
        using HttpClient api = await path.StartApiAsync();
        var consumer = await path.StartConsumerAsync();
        await SendAsync(path, 1);
        await RadarPath.BacklogAppliedAsync(api);
        await path.StopAsync(consumer);
        await path.StartConsumerAsync();
        await SendAsync(path, 1);
        await RadarPath.BacklogAppliedAsync(api);

        var mark = Assert.Single((await RadarPath.GetAsync(api, Ticker))["meta"]!["incomplete"]!.AsArray())!;
        Assert.Equal("compaction", (string?)mark["reason"]);
        Assert.Contains("cleanup.policy=delete", (string?)mark["detail"], StringComparison.Ordinal);
        Assert.Equal("Degraded", await RadarPath.HealthAsync(api, "integrity"));
    }

    private static Task SendAsync(RadarPath path, int count) => path.SendAsync(
        [.. Enumerable.Range(0, count).Select(
            i => ((string?)"A", (string?)$$"""{"symbol":"A","price":1,"timestamp":1700000000000,"trade_id":{{i}}}"""))]);

    private static async Task<int> TradesAsync(HttpClient api) =>
        (await RadarPath.GetAsync(api, "/api/v2/trades/A"))["trades"]!.AsArray().Count;

    /// <returns>Null where it is not answered at the moment.</returns>
    private static async Task<JsonNode?> TryGetAsync(HttpClient api, string path)
    {
        using var response = await api.GetAsync(new Uri(path, UriKind.Relative));
        return response.IsSuccessStatusCode ? JsonNode.Parse(await response.Content.ReadAsStringAsync()) : null;
    }
}
