using System.Net;
using Microsoft.Extensions.Time.Testing;
using Radar.Client;
using Radar.Client.Streaming;
using Radar.Tests.Fixtures;
using static Radar.Tests.Client.ApiCall;

namespace Radar.Tests.Client;

/// <summary>An API, or a proxy before it, that refuses a stream.</summary>
public sealed partial class StreamTests
{
    [Theory]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    public async Task Refusal_that_passes_is_tried_again_after_what_it_asks_for_and_a_random_part(HttpStatusCode status)
    {
        var time = new FakeTimeProvider();
        await using var api = await MisbehavingApi.StartAsync(
            call => call.AnswerAsync(
                (int)status, "application/problem+json",
                    """{"title":"No","status":0,"detail":"All streams are taken."}""", ("Retry-After", "7")),
            async call =>
            {
                await call.SendAsync(Snapshot("a"));
                await call.HoldAsync();
            });
        await using var stream = api.Client(time, options => options.ReconnectDelayMaxMs = 500).StreamAsync(StreamChannels.Trades)
            .GetAsyncEnumerator();

        var interrupted = await ReceiveAsync<StreamInterrupted>(stream);

        Assert.InRange(interrupted.RetryIn, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(7.5));
        Assert.Contains("All streams are taken.", interrupted.Reason, StringComparison.Ordinal);
        Assert.Equal(1, interrupted.Attempts);
        await api.CallAsync();
        var connected = ReceiveAsync<StreamConnected>(stream);
        time.Advance(interrupted.RetryIn);
        await api.CallAsync();
        Assert.False((await connected).Resumes);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(404)]
    public async Task Refusal_that_stays_is_thrown_and_not_tried_again(int status)
    {
        await using var api = await MisbehavingApi.StartAsync(call => call.AnswerAsync(
            status, "application/problem+json", """{"title":"No","detail":"'?' is not a symbol.","parameter":"symbols"}"""));
        await using var stream = api.Client().StreamTickersAsync(["?"]).GetAsyncEnumerator();

        var refused = await Assert.ThrowsAsync<RadarApiException>(async () => await NextAsync(stream));

        Assert.Equal((status, "symbols"), ((int)refused.Status, refused.Parameter));
        Assert.Contains("'?' is not a symbol.", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, api.Count);
    }

    [Theory]
    [InlineData(404, "text/html", "<html>default backend</html>")]
    [InlineData(403, "text/plain", "")]
    [InlineData(404, "application/problem+json", """{"title":"Not Found","detail":"There is nothing here."}""")]
    public async Task Refusal_of_a_proxy_does_not_end_a_stream_that_was_there(int status, string type, string body)
    {
        Func<ApiCall, Task> refuse = call => call.AnswerAsync(status, type, body);
        await using var api = await MisbehavingApi.StartAsync(
            call => call.SendAsync(Snapshot("a"), Trade(1, "b")),
            refuse,
            refuse,
            async call =>
            {
                await call.SendAsync(Trade(2, "c"));
                await call.HoldAsync();
            });
        await using var trades = api.Client().StreamTradesAsync().GetAsyncEnumerator();

        Assert.Equal([1, 2], [(await NextAsync(trades)).Price, (await NextAsync(trades)).Price]);
        Assert.Equal(4, api.Count);
    }

    [Fact]
    public async Task Refusal_that_names_a_parameter_ends_also_a_stream_that_was_there()
    {
        await using var api = await MisbehavingApi.StartAsync(
            call => call.SendAsync(Snapshot("a"), Trade(1, "b")),
            call => call.AnswerAsync(400, "application/problem+json",
                """{"title":"No","detail":"No such channel.","parameter":"channels"}"""));
        await using var trades = api.Client().StreamTradesAsync().GetAsyncEnumerator();
        await NextAsync(trades);

        Assert.Equal("channels", (await Assert.ThrowsAsync<RadarApiException>(async () => await NextAsync(trades))).Parameter);
    }

    [Fact]
    public async Task Refusal_of_a_proxy_before_the_stream_was_there_is_thrown()
    {
        await using var api = await MisbehavingApi.StartAsync(call => call.AnswerAsync(404, "text/html", "<html>"));
        await using var trades = api.Client().StreamTradesAsync().GetAsyncEnumerator();

        Assert.Equal(HttpStatusCode.NotFound, (await Assert.ThrowsAsync<RadarApiException>(async () => await NextAsync(trades))).Status);
    }

    [Fact]
    public async Task API_that_drops_every_client_at_once_is_asked_less_and_less()
    {
        Func<ApiCall, Task> drop = call => call.SendAsync(Snapshot("a"));
        await using var api = await MisbehavingApi.StartAsync(drop, drop, drop);
        // no connection here holds for so long
        await using var stream = api.Client(configure: options => options.ReconnectDelayMaxMs = 3_600_000)
            .StreamAsync(StreamChannels.Trades).GetAsyncEnumerator();

        for (int attempt = 1; attempt <= 3; attempt++)
            Assert.Equal(attempt, (await ReceiveAsync<StreamInterrupted>(stream)).Attempts);
    }
}
