using System.Text.Json.Nodes;
using Microsoft.OpenApi;
using Radar.Api.Http.Answers;

namespace Radar.Api.Http.OpenApi;

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
            "A parameter is wrong; the answer names it and what would be right.",
            """{"title":"Bad Request","status":400,"detail":"limit=0 is not a whole number from 1 to 10000.","parameter":"limit"}""");
        var unavailable = Say(
            responses,
            "503",
            described.Kind switch
            {
                RouteKind.Measurement => "Kafka or Redis does not answer in time, or the topic does not exist yet.",
                RouteKind.Stream =>
                    "As many clients are connected as are allowed, too much waits for those that read slowly, the service stops, "
                    + "or the state is staler than max_staleness_ms allows.",
                _ => "Redis does not answer in time or has less than was served before, or the "
                    + "state is staler than max_staleness_ms allows.",
            },
            """{"title":"Service Unavailable","status":503,"detail":"The state cannot be read: Redis does not answer. Try again."}""");
        unavailable.Headers = new Dictionary<string, IOpenApiHeader> { ["Retry-After"] = Header("Seconds to wait.", "1") };
        if (described.Kind is RouteKind.Symbol or RouteKind.Stream)
        {
            Say(
                responses,
                "404",
                described.Kind == RouteKind.Stream ? "With strict: a symbol is unknown." : "The symbol is unknown.",
                """{"title":"Not Found","status":404,"detail":"BTCUSDT is unknown: no trade of it has been ingested.","""
                    + "\"parameter\":\"symbol\"}");
        }

        responses["default"] = Error(
            responses,
            "Any other error, in the same shape: 405 where the method is not one of the route, 500 where Radar has a defect.",
            """{"title":"Internal Server Error","status":500,"detail":"An error in Radar; its log has the details."}""");
        ((OpenApiResponse)responses["200"]).Headers = Headers(described);
        if (!described.HasVersion)
            return;
        responses["304"] = new OpenApiResponse
        {
            Description = "The state has not moved since If-None-Match.", Headers = Headers(described),
        };
    }

    /// <summary>What is answered to who may not ask.</summary>
    public static void DescribeAccess(OpenApiOperation operation, ApiOperation described)
    {
        var responses = operation.Responses!;
        responses["401"] = Error(
            responses, "No key or token was sent, or one that does not count.",
            """{"title":"Unauthorized","status":401,"detail":"The key is unknown, revoked or over."}""");
        responses["403"] = Error(
            responses,
            described.Kind is RouteKind.Symbol or RouteKind.Stream
                ? "The key or token lacks the scope, or the key may not see the symbol."
                : "The key or token lacks the scope. Symbols that a key may not see are left out of lists.",
            $$"""{"title":"Forbidden","status":403,"""
                + $$"""   "detail":"This needs the scope {{described.Scope}}, which the key or token does not have."}""");
    }

    /// <summary>An entity tag.</summary>
    public static string TagExample(ApiOperation described) =>
        described.Kind == RouteKind.List ? $"\"{Examples.Version}\"" : "\"1-3-4711\"";

    private static OpenApiResponse Say(OpenApiResponses responses, string status, string description, string example)
    {
        var response = (OpenApiResponse)responses[status];
        response.Description = description;
        var (contentType, body) = response.Content!.Single();
        body.Example = contentType == ApiOperation.EventStream ? example : JsonNode.Parse(example);
        return response;
    }

    private static OpenApiResponse Error(OpenApiResponses responses, string description, string example) => new()
    {
        Description = description,
        Content = new Dictionary<string, OpenApiMediaType>
        {
            [Problems.ContentType] = new()
            {
                Schema = responses["400"].Content![Problems.ContentType].Schema,
                Example = JsonNode.Parse(example),
            },
        },
    };

    private static Dictionary<string, IOpenApiHeader> Headers(ApiOperation described)
    {
        var headers = new Dictionary<string, IOpenApiHeader>
        {
            [TraceResponse.Header] = Header(
                "The span of this answer, as W3C Trace Context Level 2 has it; only where the answer is traced.",
                "00-80e1afed08e019fc1110464cfa66635c-7a085853722dc6d2-01"),
        };
        if (described.HasVersion)
            headers["ETag"] = Header("Version of the state that the answer was made from, in quotes.", TagExample(described));
        return headers;
    }

    private static OpenApiHeader Header(string description, string example) => new()
    {
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        Example = example,
    };
}
