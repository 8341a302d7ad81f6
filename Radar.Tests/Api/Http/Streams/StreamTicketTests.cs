using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Radar.Api.Access;
using Radar.Tests.Api.Http.Access;
using Radar.Tests.Api.Streaming;

namespace Radar.Tests.Api.Http.Streams;

/// <summary>Streams where no header can be sent.</summary>
public sealed class StreamTicketTests : IAsyncLifetime
{
    private static readonly Uri Tickets = new("/api/v2/stream-tickets", UriKind.Relative);

    private AccessWorld _world = null!;

    public async Task InitializeAsync() => _world = await AccessWorld.StartAsync();

    public async Task DisposeAsync() => await _world.DisposeAsync();

    [Fact]
    public async Task Ticket_opens_one_stream_with_the_patterns_of_its_key()
    {
        string ticket = await TicketAsync(await _world.WithKeyAsync([Scopes.Stream], "ETH*"));
        var nobody = _world.Nobody();

        await using (var stream = await EventStream.OpenAsync(nobody, "ticket=" + ticket))
            Assert.Equal("ETHUSDT", Assert.Single((await stream.AnyAsync())!.Tickers).Item1);

        await IsRefusedAsync(nobody, ticket);
    }

    [Fact]
    public async Task Ticket_opens_nothing_else()
    {
        string ticket = await TicketAsync(await _world.WithKeyAsync([Scopes.Read, Scopes.Stream]));

        using var answer = await _world.Nobody().GetAsync(new Uri("/api/v2/symbols?ticket=" + ticket, UriKind.Relative));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task Ticket_needs_the_scope_of_a_stream()
    {
        using var refused = await (await _world.WithKeyAsync([Scopes.Read])).PostAsync(Tickets, null);
        using var nobody = await _world.Nobody().PostAsync(Tickets, null);

        Assert.Equal((HttpStatusCode.Forbidden, HttpStatusCode.Unauthorized), (refused.StatusCode, nobody.StatusCode));
    }

    [Theory]
    [InlineData("")]
    [InlineData("rt_0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("rk_000000000000_0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Ticket_that_was_never_given_is_refused(string ticket) => await IsRefusedAsync(_world.Nobody(), ticket);

    [Fact]
    public async Task Ticket_ends_with_its_key()
    {
        var (key, secret) = await _world.NewKeyAsync([Scopes.Stream]);
        string ticket = await TicketAsync(_world.Client(secret.Reveal()));

        await _world.Keys.RevokeAsync(key.Id, "test");
        await _world.Api.App.Services.GetRequiredService<KnownKeys>().RefreshAsync();

        await IsRefusedAsync(_world.Nobody(), ticket);
    }

    [Fact]
    public async Task Ticket_is_in_the_document()
    {
        var api = (await _world.Nobody().GetFromJsonAsync<JsonObject>("/openapi/v1.json"))!;

        Assert.Equal("createStreamTicket", (string?)api["paths"]!["/api/v2/stream-tickets"]!["post"]!["operationId"]);
        Assert.Contains(
            api["paths"]!["/api/v2/stream"]!["get"]!["parameters"]!.AsArray(), parameter => (string?)parameter!["name"] == "ticket");
    }

    [Fact]
    public async Task Without_Redis_there_is_an_outage_and_no_refusal()
    {
        var client = await _world.WithKeyAsync([Scopes.Stream]);
        string ticket = await TicketAsync(client);

        _world.StopRedis();

        using var made = await client.PostAsync(Tickets, null);
        using var taken = await EventStream.SendAsync(_world.Nobody(), "ticket=" + ticket);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.ServiceUnavailable), (made.StatusCode, taken.StatusCode));
    }

    [Fact]
    public async Task Address_that_shows_wrong_tickets_without_end_is_answered_429()
    {
        var nobody = _world.Nobody();
        for (int i = 0; i < 300; i++)
        {
            using var answer = await EventStream.SendAsync(nobody, "ticket=rt_" + new string('1', 64));
            if (answer.StatusCode != HttpStatusCode.TooManyRequests)
                continue;
            Assert.NotNull(answer.Headers.RetryAfter);
            return;
        }

        Assert.Fail("300 wrong tickets were looked at.");
    }

    private static async Task IsRefusedAsync(HttpClient http, string ticket)
    {
        using var answer = await EventStream.SendAsync(http, "ticket=" + ticket);
        string body = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("The ticket is unknown, used or over", body, StringComparison.Ordinal);
    }

    private static async Task<string> TicketAsync(HttpClient client)
    {
        using var answer = await client.PostAsync(Tickets, null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["ticket"]!;
    }
}
