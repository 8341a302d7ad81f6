using Radar.Api.Board;
using Radar.Api.Freshness;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Contract;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Queries;

namespace Radar.Api.Http.Endpoints;

/// <summary>How far the state is behind the topic, measured when asked. Also tells when a replay has been ingested.</summary>
internal static class LagEndpoint
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/api/v2/lag", AnswerAsync).WithTags("v2").WithHead().Describe(ApiOperations.Lag);

    private static async Task AnswerAsync(HttpContext context, LagMeter meter, BoardFeed board, RequestDeadline deadline)
    {
        if (new RequestReader(context.Request, []).Error is { } error)
        {
            await Problems.BadParameterAsync(context, error.Name, error.Detail);
            return;
        }

        var sample = await deadline.WithinAsync(context, MeasureAsync(meter, board, context.RequestAborted), "Kafka or Redis");
        TraceResponse.Set(context.Response);
        context.Response.Headers.CacheControl = "no-store";
        var answer = new LagAnswer(
            sample.Messages,
            sample.Seconds,
            [.. sample.Partitions.Select(lag => new PartitionLag(lag.Number, lag.Position, lag.End, lag.Messages, lag.Seconds, lag.HeldBack))]);
        await context.Response.WriteAsJsonAsync(answer, ApiJson.Default.LagAnswer, cancellationToken: context.RequestAborted);
    }

    private static async Task<LagSample> MeasureAsync(LagMeter meter, BoardFeed board, CancellationToken cancellationToken)
    {
        var sample = await meter.MeasureAsync(cancellationToken);
        await board.ReachAsync(sample, cancellationToken); // what is said to be in the state is then what reads serve
        return sample;
    }
}
