using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using CsCheck;
using Radar.Market;
using Radar.Tests.Fixtures;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.Endpoints;

/// <summary>Versions, traces and headers of answers.</summary>
public abstract partial class ReadsContractTests
{
    [ContractFact]
    public async Task Version_is_the_tag_and_an_unmoved_state_is_not_sent_again()
    {
        long position = await World.TakeInAsync(1, [Tick(_symbol, 1)]);
        string tag = $"\"1-1-{position}\"";
        foreach (string route in new[] { "/api/v1/ticker/", "/api/v1/history/", "/api/v2/tickers/", "/api/v2/trades/", "/api/v2/bars/" })
        {
            using var first = await World.Http.GetAsync(route + _symbol);
            Assert.Equal(tag, first.Headers.ETag!.ToString());
            Assert.Equal("no-cache", first.Headers.CacheControl!.ToString());
            foreach (string known in new[] { tag, "W/" + tag, "\"x\", " + tag, "\"x\",W/" + tag + " , \"y\"", "*" })
            {
                using var again = await AskAsync(route, known);
                Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
                Assert.Equal(tag, again.Headers.ETag!.ToString());
                Assert.Empty(await again.Content.ReadAsByteArrayAsync());
            }

            foreach (string other in new[] { "\"1-1-0\"", $"\"2-1-{position}\"", $"\"1-2-{position}\"", $"1-1-{position}", "nonsense" })
            {
                using var changed = await AskAsync(route, other);
                Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
            }
        }

        await World.TakeInAsync(1, [Tick(NewSymbol(), 1)]);
        using var moved = await AskAsync("/api/v2/tickers/", tag);
        Assert.Equal(HttpStatusCode.OK, moved.StatusCode);
        Assert.Equal($"\"1-1-{position + 1}\"", moved.Headers.ETag!.ToString());

        async Task<HttpResponseMessage> AskAsync(string route, string known)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, route + _symbol);
            request.Headers.TryAddWithoutValidation("If-None-Match", known);
            return await World.Http.SendAsync(request);
        }
    }

    [ContractFact]
    public async Task Read_links_to_the_trace_of_the_event_it_serves_and_has_a_span_for_Redis()
    {
        const string sent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        await World.TakeInAsync(0, [Tick(_symbol, 1)], sent);
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var request = new Activity("test").Start();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is TelemetryNames.Api or "Microsoft.AspNetCore",
            // The sources are the process's: others of it would be traced that must not be.
            Sample = (ref ActivityCreationOptions<ActivityContext> created) =>
                created.Parent.TraceId == request.TraceId ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId == request.TraceId)
                    spans.Enqueue(span);
            },
        };
        ActivitySource.AddActivityListener(listener);

        await World.TextAsync($"/api/v2/trades/{_symbol}");

        Assert.True(SpinWait.SpinUntil(() => spans.Count == 1 + SpansOfTrades.Length, Wait.Limit),
            string.Join(", ", spans.Select(span => span.DisplayName)));
        var server = Assert.Single(spans, span => span.Kind == ActivityKind.Server);
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", Assert.Single(server.Links).Context.TraceId.ToString());
        Assert.Equal(SpansOfTrades,
            spans.Where(span => span.Kind == ActivityKind.Client).Select(span => (string?)span.GetTagItem("db.operation.name")));
        Assert.All(spans.Where(span => span.Kind == ActivityKind.Client), span =>
        {
            Assert.Equal(("redis", "0"), (span.GetTagItem("db.system.name"), span.GetTagItem("db.namespace")));
            Assert.NotNull(span.GetTagItem("server.address"));
            Assert.IsType<int>(span.GetTagItem("server.port"));
            Assert.Equal(server.SpanId, span.ParentSpanId);
        });
    }

    [ContractFact]
    public async Task Answer_of_a_symbol_names_the_trace_of_the_event_that_its_event_time_is_of()
    {
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        string[] paths = ["tickers/", "trades/", "bars/"];
        await World.TakeInAsync(0, [Tick(_symbol, 1)], $"00-{trace}-00f067aa0ba902b7-01");

        Assert.All(paths, path => Assert.Equal(trace, Trace(path, $"?as_of={Noon}").Result));
        Assert.All(paths, path => Assert.Equal(trace, Trace(path).Result));
        await World.TakeInAsync(0, [Tick(_symbol, 2, Noon + 1)]);
        Assert.All(paths, path => Assert.Null(Trace(path).Result)); // the newest was not sampled
        Assert.All(paths, path => Assert.Null(Trace(path, $"?as_of={Noon}").Result)); // only the latest has its trace stored
        await World.TakeInAsync(0, [Tick(_symbol, 3, Noon + 2)], $"00-{trace}-00f067aa0ba902b7-01");
        Assert.All(paths, path => Assert.Null(Trace(path, $"?as_of={Noon + 1}").Result)); // another event is served
        await World.TakeInAsync(0, [Tick(_symbol, 4, Noon + 3)]);
        Assert.DoesNotContain("\"trace\"", await World.TextAsync($"/api/v2/tickers/{_symbol}"), StringComparison.Ordinal);
        Assert.DoesNotContain("\"trace\"", await World.TextAsync($"/api/v2/tickers?symbols={_symbol}"), StringComparison.Ordinal);

        async Task<string?> Trace(string path, string query = "") =>
            (string?)(await World.JsonAsync($"/api/v2/{path}{_symbol}{query}"))["meta"]!["trace"];
    }

    [ContractFact]
    public async Task Answer_has_a_traceresponse_where_it_is_traced_and_links_to_what_it_serves_only()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 1)]);
        await World.TakeInAsync(0, [Tick(_symbol, 2, Noon + 1)], "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        string[] paths =
        [
            $"/api/v2/tickers/{_symbol}", $"/api/v2/tickers/{_symbol}?as_of={Noon}", $"/api/v1/history/{_symbol}",
            "/api/v2/symbols?limit=1",
            "/api/v2/trades/NOBODY", "/api/v2/movers?top=x",
        ];
        using var spans = new ExportedSpans("Microsoft.AspNetCore");
        foreach (string path in paths)
        {
            using var response = await World.Http.GetAsync(path);
            string own = Assert.Single(response.Headers.GetValues("traceresponse"));
            Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", own);
            var read = Assert.Single(await spans.UntilAsync(1, span => span.Id == own));
            Assert.Equal(path == paths[0] || path == paths[2] ? 1 : 0, read.Links.Count());
        }

        using var unsampled = new HttpRequestMessage(HttpMethod.Get, paths[0]);
        unsampled.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-00");
        using var untraced = await World.Http.SendAsync(unsampled);
        Assert.False(untraced.Headers.Contains("traceresponse"));
    }

    [ContractFact]
    public async Task Head_is_answered_as_get_without_the_body()
    {
        await World.TakeInAsync(0, [Tick(_symbol, 1)]);
        string[] paths =
        [
            .. new[] { "/api/v1/ticker/", "/api/v1/history/", "/api/v2/tickers/", "/api/v2/trades/", "/api/v2/bars/" }.Select(
                route => route + _symbol),
            .. Lists.Select(list => list + _symbol), "/api/v2/movers", "/api/v2/lag", "/openapi/v1.json",
            "/api/v2/tickers/nobody", $"/api/v2/trades/{_symbol}?limit=0",
        ];
        foreach (string path in paths)
        {
            using var got = await World.Http.GetAsync(path);
            using var head = await World.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));
            Assert.Equal((got.StatusCode, got.Headers.ETag), (head.StatusCode, head.Headers.ETag));
            Assert.Equal(got.Content.Headers.ContentType, head.Content.Headers.ContentType);
            if (got.Headers.ETag is null)
                continue;
            Assert.InRange(head.Content.Headers.ContentLength!.Value, 1, int.MaxValue);
            using var again = new HttpRequestMessage(HttpMethod.Head, path);
            again.Headers.IfNoneMatch.Add(got.Headers.ETag);
            using var known = await World.Http.SendAsync(again);
            Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
        }

        using var stream = await World.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/v2/stream"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, stream.StatusCode);
    }
}
