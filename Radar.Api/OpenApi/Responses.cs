using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Radar.Api.OpenApi;

/// <summary>What a route may answer, in words and examples; the shapes come from the contract's types.</summary>
internal static class Responses
{
    public static void Describe(OpenApiOperation operation, ApiOperation described)
    {
        var responses = operation.Responses!;
        Say(responses, "200", described.Summary + ".", described.Example);
        Say(
            responses,
            "400",
            "A parameter is wrong; the answer names it and says what would be right.",
            """{"title":"Bad Request","status":400,"detail":"limit=0 is not a whole number from 1 to 10000.","parameter":"limit"}""");
        var unavailable = Say(
            responses,
            "503",
            described.OfSymbol
                ? "Redis does not answer, or the state is staler than max_staleness_ms allows."
                : "Kafka or Redis does not answer, or the topic does not exist yet.",
            """{"title":"Service Unavailable","status":503,"detail":"The state cannot be read: Redis does not answer. Try again."}""");
        unavailable.Headers = new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = Header("Seconds to wait.", "1") };
        if (!described.OfSymbol)
            return;

        Say(
            responses,
            "404",
            "The symbol is unknown.",
            """{"title":"Not Found","status":404,"detail":"BTCUSDT is unknown: no trade of it has been taken in.","parameter":"symbol"}""");
        ((OpenApiResponse)responses["200"]).Headers = VersionHeaders();
        responses["304"] = new OpenApiResponse { Description = "The state has not moved since If-None-Match.", Headers = VersionHeaders() };
    }

    private static OpenApiResponse Say(OpenApiResponses responses, string status, string description, string example)
    {
        var response = (OpenApiResponse)responses[status];
        response.Description = description;
        response.Content!.Values.Single().Example = JsonNode.Parse(example);
        return response;
    }

    private static Dictionary<string, IOpenApiHeader> VersionHeaders() => new()
    {
        ["ETag"] = Header("Version of the state that the answer was made from, in quotes.", "\"1-3-4711\""),
    };

    private static OpenApiHeader Header(string description, string example) => new()
    {
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = example,
    };
}
