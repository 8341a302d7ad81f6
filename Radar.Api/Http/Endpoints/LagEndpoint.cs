using Radar.Api.Board;
using Radar.Api.Freshness;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Contract;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;
using Radar.ServiceDefaults.Operations;

namespace Radar.Api.Http.Endpoints;

/// <summary>How far the state is behind the topic, measured when asked. Also shows when a replay has been ingested.</summary>
internal static class LagEndpoint
{
    public static readonly ApiOperation Operation = new(
        "getLag",
        "How far the state is behind the topic",
        "Measured when asked. 0 messages mean that every record which was acknowledged before the request is in the state. Records of "
            + "an open transaction count as well, and held_back is how many they are.",
        [],
        typeof(LagAnswer),
        """{"messages":12,"seconds":0.4,"partitions":["""
            + """{"partition":0,"position":4711,"end":4723,"messages":12,"seconds":0.4,"held_back":0},"""
            + """{"partition":1,"position":80,"end":80,"messages":0,"seconds":0,"held_back":0}]}""",
        RouteKind.Measurement);

    private const string Path = "/api/v2/lag";

    /// <summary>The same on the operations port, for what scales consumers by it.</summary>
    public static void AddToOperations(IServiceCollection services) =>
        services.AddSingleton(static provider => new OperationsRoute(Path, RequestDelegateFactory.Create(
            AnswerAsync, new RequestDelegateFactoryOptions { ServiceProvider = provider }).RequestDelegate));

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet(Path, AnswerAsync).WithTags("v2").WithHead().Describe(Operation);

    private static async Task<IResult> AnswerAsync(HttpContext context, LagMeter meter, BoardFeed board, RequestDeadline deadlines)
    {
        if (new RequestReader(context.Request, []).Error is { } error)
            return Problems.BadParameter(error);

        var sample = await deadlines.Begin().WithinAsync(MeasureAsync(meter, board, context.RequestAborted), "Kafka or Redis");
        TraceResponse.Set(context.Response);
        context.Response.Headers.CacheControl = "no-store";
        var answer = new LagAnswer(
            sample.Messages,
            sample.Seconds,
            [.. sample.Partitions.Select(
                lag => new PartitionLag(lag.Number, lag.Position, lag.End, lag.Messages, lag.Seconds, lag.HeldBack))]);
        return Results.Json(answer, ApiJson.Default.LagAnswer);
    }

    private static async Task<LagSample> MeasureAsync(LagMeter meter, BoardFeed board, CancellationToken cancellationToken)
    {
        var sample = await meter.MeasureAsync(cancellationToken);

        // What the answer reports as ingested is then what reads serve.
        await board.ReachAsync([.. sample.Partitions.Select(static lag => lag.Stored ? lag.Position : (long?)null)], cancellationToken);
        return sample;
    }
}
