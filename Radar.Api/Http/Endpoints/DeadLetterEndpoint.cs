using Radar.Api.Access;
using Radar.Api.DeadLetters;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Contract;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;

namespace Radar.Api.Http.Endpoints;

/// <summary>What was refused on its way into the state, and why.</summary>
internal static class DeadLetterEndpoint
{
    private static readonly IntegerParameter Limit = new(
        "limit", "Most dead letters in one answer.", "20", Min: 1, Max: 100, Default: 20);

    private static readonly OpaqueParameter PageToken = Parameters.PageToken with
    {
        Description = "The next_page_token of the answer before.",
        Example = DeadLetterPageToken.Example,
    };

    public static readonly ApiOperation Operation = new(
        "getDeadLetters",
        "Records that were refused",
        "A record that cannot be used goes to the dead-letter topic as it came, with its reason. Read from there when asked: how many "
            + "there are by reason, and the newest. What keys and values hold is what somebody sent: show it as text only.",
        [Limit, PageToken],
        typeof(DeadLettersAnswer),
        """{"topic":"market-ticks.dlq","messages":1,"counted":1,"counted_since":"2024-08-08T23:54:15.342Z","""
            + """ "reasons":[{"reason":"bad_json","count":1}],"dead_letters":[{"t":"2024-08-08T23:54:15.342Z","partition":3,"offset":7,"""
            + """ "reason":"bad_json","source":{"topic":"market-ticks","partition":3,"offset":4711},"left_out":null,"key":"BTCUSDT","""
            + """ "value":"{\"symbol\":","value_bytes":10}],"next_page_token":null}""",
        RouteKind.Measurement) { Scope = Scopes.Admin };

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/v2/dead-letters", AnswerAsync).WithTags("v2").WithHead().Describe(Operation);

    private static async Task<IResult> AnswerAsync(HttpContext context, DeadLetterLog log, RequestDeadline deadlines)
    {
        var reader = new RequestReader(context.Request, [Limit, PageToken]);
        int limit = (int)(reader.Integer(Limit) ?? 0);
        var before = reader.DeadLetterPageToken(PageToken);
        if (reader.Error is { } error)
            return Problems.BadParameter(error);

        var (counts, page) = await deadlines.Begin().WithinAsync(log.ReadAsync(limit, before, context.RequestAborted), "Kafka");
        TraceResponse.Set(context.Response);
        context.Response.Headers.CacheControl = "no-store";
        var answer = new DeadLettersAnswer(
            log.Topic, counts.Messages, counts.Counted, counts.CountedSinceMs is { } since ? Time(since) : null,
            [.. counts.Reasons.Select(static reason => new ReasonCount(reason.Key, reason.Value))],
            [.. page.Items.Select(Item)],
            page.Next is { } next ? DeadLetterPageToken.Format(next) : null);
        return Results.Json(answer, ApiJson.Default.DeadLettersAnswer);
    }

    private static DeadLetterItem Item(StoredDeadLetter deadLetter) => new(
        Time(deadLetter.TimestampMs), deadLetter.Partition, deadLetter.Offset, deadLetter.Reason,
        deadLetter is { Topic: { } topic, SourcePartition: { } partition, SourceOffset: { } offset }
            ? new RecordCoordinates(topic, partition, offset)
            : null,
        deadLetter.Omitted, deadLetter.Key, deadLetter.Value, deadLetter.ValueBytes);

    private static DateTimeOffset Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs);
}
