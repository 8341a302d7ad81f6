using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Radar.Api.OpenApi;

/// <summary>What a route may answer.</summary>
internal static class Responses
{
    public static OpenApiResponses Of(ApiOperation described, IOpenApiSchema answer, IOpenApiSchema problem)
    {
        var responses = new OpenApiResponses
        {
            ["200"] = new OpenApiResponse
            {
                Description = described.Summary + ".",
                Headers = described.OfSymbol ? Headers() : null,
                Content = Body("application/json", answer, described.Example),
            },
        };
        if (described.OfSymbol)
        {
            responses["304"] = new OpenApiResponse { Description = "The state has not moved since If-None-Match.", Headers = Headers() };
            responses["404"] = Problem(
                "The symbol is unknown.",
                """{"title":"Not Found","status":404,"detail":"BTCUSDT is unknown: no trade of it has been taken in.","parameter":"symbol"}""");
        }

        responses["400"] = Problem(
            "A parameter is wrong; the answer names it and says what would be right.",
            """{"title":"Bad Request","status":400,"detail":"limit=0 is not a whole number from 1 to 10000.","parameter":"limit"}""");
        responses["503"] = Problem(
            described.OfSymbol
                ? "Redis does not answer, or the state is staler than max_staleness_ms allows."
                : "Kafka or Redis does not answer, or the topic does not exist yet.",
            """{"title":"Service Unavailable","status":503,"detail":"The state cannot be read: Redis does not answer. Try again."}""");
        responses["503"].Headers!["Retry-After"] = Header("Seconds to wait.", "1");
        return responses;

        OpenApiResponse Problem(string description, string example) => new()
        {
            Description = description,
            Headers = new Dictionary<string, IOpenApiHeader>(),
            Content = Body(Problems.ContentType, problem, example),
        };
    }

    private static Dictionary<string, IOpenApiHeader> Headers() => new()
    {
        ["ETag"] = Header("Version of the state that the answer was made from, in quotes.", "\"1-3-4711\""),
    };

    private static OpenApiHeader Header(string description, string example) => new()
    {
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = example,
    };

    private static Dictionary<string, OpenApiMediaType> Body(string contentType, IOpenApiSchema schema, string example) => new()
    {
        [contentType] = new OpenApiMediaType { Schema = schema, Example = JsonNode.Parse(example) },
    };
}
