using Radar.Api.Access;
using Radar.Api.Http.Access;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Contract;
using Radar.Api.Http.Limits;
using Radar.Api.Http.OpenApi;
using Radar.Market.Store;

namespace Radar.Api.Http.Streams;

/// <summary><c>POST /api/v2/stream-tickets</c>: a ticket that opens one stream where no header can be sent.</summary>
internal static class TicketEndpoint
{
    public static readonly ApiOperation Operation = new(
        "createStreamTicket",
        "A ticket for one stream",
        """
        A browser's `EventSource` sends no headers, and a key must not stand in an address. So a page asks for a ticket first, with its key
        or token, and opens the stream with `?ticket=`. A ticket opens one stream, within 30 s. A stream that broke needs a new one:
        open it with `since=` and the last `id`.
        """,
        [],
        typeof(StreamTicket),
        """{"ticket":"rt_0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0","expires":"2026-01-02T03:04:35.000Z"}""",
        RouteKind.Measurement) { Scope = Scopes.Stream };

    public static void Map(WebApplication app)
    {
        if (AccessServices.IsOn(app))
        {
            app.MapPost("/api/v2/stream-tickets", static (HttpContext context, TicketRecords tickets, TimeProvider time) =>
                CreateAsync(context, tickets, time)).WithTags("v2").NeedScope(app, Scopes.Stream).WithCost(RequestCost.Usual)
                .Describe(Operation);
        }
    }

    private static async Task<IResult> CreateAsync(HttpContext context, TicketRecords tickets, TimeProvider time)
    {
        context.Response.Headers.CacheControl = "no-store";
        var expires = time.GetUtcNow() + TicketAuthentication.Lifetime;
        try
        {
            string ticket = await TicketAuthentication.CreateAsync(tickets, Caller.Of(context)!);
            return Results.Json(new StreamTicket(ticket, expires), ApiJson.Default.StreamTicket);
        }
        catch (Exception e) when (StoreFaults.IsAway(e))
        {
            return Problems.Unavailable("Redis does not answer, so that there is no ticket now. Try again.");
        }
    }
}
