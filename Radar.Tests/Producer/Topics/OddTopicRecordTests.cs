using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Market;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Topics;

/// <summary>No record of another topic ends the producer that reads it.</summary>
[Collection(OnApacheKafkaOfSources.Name)]
public sealed class OddTopicRecordTests(KafkaHome apache)
{
    [RequiresFact(Need.KafkaHome)]
    public async Task Odd_records_become_ticks_or_dead_letters_and_nothing_stands_still()
    {
        await using var run = new TopicRun(apache.BootstrapServers, "topic-odd");
        await run.CreateSourceAsync(1);
        byte[] traced = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-00"u8.ToArray();
        Headers[] headers =
        [
            new() { { TelemetryNames.TraceParent, null } }, new() { { TelemetryNames.TraceParent, [] } },
            new() { { TelemetryNames.TraceParent, "x"u8.ToArray() } },
            new() { { "", null } }, new() { { new string('n', 5_000), new byte[5_000] } }, new() { { TelemetryNames.TraceParent, traced } },
        ];
        string?[] values = [Event(1), null, "", "[", new string('[', 100), "{\"symbol\":\"A\",\"price\":1,\"timestamp\":1e999}",
            new string('x', 200_000)];
        string?[] keys = [null, "", "\0", new string('k', 2_000)];
        var records = (from header in headers from value in values from key in keys select (key, value, (Headers?)header)).ToList();
        var host = await run.StartAsync();
        run.Send(records);
        await run.DoneAsync();

        Assert.Equal(headers.Length * keys.Length, run.Ticks().Count);
        Assert.Equal(records.Count - (headers.Length * keys.Length), run.Read(run.DeadLetters).Count);
        await Wait.UntilAsync(() => TopicRun.UnhealthyReason(host) is null, "it is healthy");
    }

    [RequiresFact(Need.KafkaHome)]
    public async Task Record_that_fails_unexpectedly_goes_to_the_dead_letters_after_three_tries()
    {
        const string Fatal = "fedcba9876543210fedcba9876543210";
        int tries = 0;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TelemetryNames.Producer,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
            {
                if (options.Parent.TraceId.ToHexString() != Fatal)
                    return ActivitySamplingResult.None;
                Interlocked.Increment(ref tries);
                throw new InvalidTimeZoneException("as good as any");
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var run = new TopicRun(apache.BootstrapServers, "topic-unforeseen");
        await run.CreateSourceAsync(1);
        var host = await run.StartAsync();
        var headers = new Headers { { TelemetryNames.TraceParent, Encoding.ASCII.GetBytes($"00-{Fatal}-0123456789abcdef-01") } };
        run.Send([("a", Event(1), null), ("b", Event(2), headers), ("c", Event(3), null)]);
        await run.DoneAsync();

        Assert.Equal([1, 3], run.Ticks().Select(tick => tick.TradeId.Number!.Value).Order());
        var letter = Assert.Single(run.Read(run.DeadLetters));
        Assert.Equal(("InvalidTimeZoneException", "1"), (TopicRun.Header(letter, "radar.reason"), TopicRun.Header(letter, "radar.offset")));
        Assert.Equal(3, tries);
        var health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        Assert.Contains(
            health.Entries.Values, entry => entry is { Status: HealthStatus.Degraded, Description: { } text }
                && text.StartsWith("record 1 of partition 0 of topic-unforeseen.source failed 3 times",
                    StringComparison.Ordinal));
    }

    private static string Event(int i) => $$"""{"symbol":"S","price":1,"timestamp":{{1_723_161_255_000 + i}},"trade_id":{{i}}}""";
}
