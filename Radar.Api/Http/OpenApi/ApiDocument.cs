using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using Radar.Api.Access;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Contract;
using Radar.Api.Http.Requests;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Api.Http.OpenApi;

/// <summary>The API's document at <c>/openapi/v1.json</c> and its page at <c>/docs</c>; both need nothing from elsewhere.</summary>
internal static class ApiDocument
{
    private const string Path = "/openapi/v1.json";

    /// <summary>Of this build; what follows a + names the commit.</summary>
    private static readonly string ProductVersion =
        typeof(ApiDocument).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    public static void AddApiDocument(this IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.RespectNullableAnnotations = true;
        });
        services.AddSingleton<DocumentBytes>();
        services.AddOpenApi(DocumentBytes.Name, document =>
        {
            document.OpenApiVersion = OpenApiSpecVersion.OpenApi3_0;
            document.ShouldInclude = static route => route.HttpMethod != HttpMethods.Head; // the same as GET, and would be listed twice
            document.CreateSchemaReferenceId = static type =>
                IsOneMember(type.Type) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
            document.AddDocumentTransformer(static (api, context, cancellationToken) => DescribeAsync(api, context, cancellationToken));
            document.AddOperationTransformer(static (operation, context, _) => DescribeAsync(operation, context));
            document.AddSchemaTransformer(static (schema, context, _) => DescribeAsync(schema, context));
        });
    }

    public static void MapApiDocument(this WebApplication app)
    {
        if (!app.Configuration.ReadEarly<ApiOptions>(ApiOptions.Section).Docs)
            return;
        app.MapGet(Path, ServeAsync).ExcludeFromDescription().WithHead();
        app.UseReadOnly("/docs");
        app.UseSwaggerUI(page =>
        {
            page.RoutePrefix = "docs";
            page.DocumentTitle = "Radar";
            page.SwaggerEndpoint(Path, "Radar");

            // The page waits for the end of an answer, which a stream does not have.
            page.HeadContent = "<style>#operations-v2-stream .try-out { display: none }</style>";
        });
    }

    private static async Task<FileContentHttpResult> ServeAsync(HttpResponse response, DocumentBytes documents)
    {
        var document = await documents.GetAsync();
        response.Headers.CacheControl = "no-cache"; // keep it, but ask before using it
        return TypedResults.Bytes(document.Content, "application/json;charset=utf-8", entityTag: document.Tag);
    }

    private static async Task DescribeAsync(
        OpenApiDocument api, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        api.Info = new OpenApiInfo
        {
            Title = "Radar",
            Version = ProductVersion,
            License = new OpenApiLicense { Name = "MIT", Url = new Uri("https://opensource.org/license/mit") },
            Contact = new OpenApiContact { Name = "The Radar authors" },
            Description =
                "Market ticks from a Kafka topic, served while they matter. Every answer names the state it was made from (its ETag) and "
                    + "how fresh "
                + "that is. Times are RFC 3339 in UTC with milliseconds, numbers are exact decimals, errors are problem details (RFC "
                    + "9457).",
        };
        api.Servers = [new OpenApiServer { Url = "/", Description = "Where this document comes from." }];
        api.Tags = new HashSet<OpenApiTag>
        {
            new() { Name = "v1", Description = "What the original Python service has, with equal bodies." },
            new() { Name = "v2", Description = "Everything, with versions and freshness." },
        };
        SecuritySchemes.Describe(api, context.ApplicationServices.GetRequiredService<IOptions<AuthOptions>>().Value);
        foreach (Type data in StreamEventData.All)
            api.AddComponent(data.Name, await context.GetOrCreateSchemaAsync(data, cancellationToken: cancellationToken));
        var tickers = (OpenApiSchema)api.Components!.Schemas![nameof(SnapshotData)].Properties!["tickers"];
        tickers.Items = new OpenApiSchemaReference(nameof(TickerItem), api); // or generated clients get the same type twice
        foreach (var schema in api.Components.Schemas.Values.SelectMany(schema => schema.Properties?.Values ?? []).OfType<OpenApiSchema>())
            TypeNull(schema);
    }

    /// <summary>Describes a route by what its requests are read with.</summary>
    public static void Describe(this RouteHandlerBuilder route, ApiOperation described)
    {
        route.WithMetadata(described);
        route.Produces(StatusCodes.Status200OK, described.Answer, described.ContentType);
        foreach (int status in described.ProblemStatuses)
            route.Produces<Problem>(status, Problems.ContentType);
    }

    /// <summary>Numbers are decimals, and a trade's identity is what its venue made it.</summary>
    private static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (type == typeof(decimal))
            schema.Format = "decimal";
        if (type == typeof(TradeSide))
            schema.Type = JsonSchemaType.String | JsonSchemaType.Null;
        if (type == typeof(JsonElement))
        {
            schema.OneOf =
            [
                new OpenApiSchema { Type = JsonSchemaType.Integer, Format = "int64" },
                new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null },
            ];
        }

        return Task.CompletedTask;
    }

    /// <summary>The null beside a reference: OpenAPI 3.0 has no null that is not of a type.</summary>
    private static void TypeNull(OpenApiSchema schema)
    {
        foreach (var alternative in schema.OneOf?.OfType<OpenApiSchema>() ?? [])
        {
            if (alternative.Type == JsonSchemaType.Null)
                (alternative.Type, alternative.Enum) = (JsonSchemaType.Object | JsonSchemaType.Null, [JsonNullSentinel.JsonNull]);
        }
    }

    /// <summary>Types of single members that may be null, which a reference cannot express.</summary>
    private static bool IsOneMember(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is { } member
        && (member == typeof(JsonElement) || member == typeof(TradeSide));

    private static Task DescribeAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        if (context.Description.ActionDescriptor.EndpointMetadata.OfType<ApiOperation>().FirstOrDefault() is not { } described)
            return Task.CompletedTask;

        operation.OperationId = described.Id;
        operation.Summary = described.Summary;
        operation.Description = described.Description;
        operation.Parameters = [.. Parameters(described)];
        var auth = context.ApplicationServices.GetRequiredService<IOptions<AuthOptions>>().Value;
        operation.Security = auth.IsOn ? SecuritySchemes.Any(auth, context.Document!) : [];
        Responses.Describe(operation, described);
        if (auth.IsOn)
        {
            operation.Description += $"\n\nNeeds the scope `{described.Scope}`.";
            Responses.DescribeAccess(operation, described);
        }

        return Task.CompletedTask;
    }

    private static IEnumerable<OpenApiParameter> Parameters(ApiOperation described)
    {
        if (described.Kind == RouteKind.Symbol)
        {
            yield return new OpenApiParameter
            {
                Name = "symbol",
                In = ParameterLocation.Path,
                Required = true,
                Description = Requests.Parameters.SymbolDescription,
                Schema = new OpenApiSchema
                {
                    Type = JsonSchemaType.String, Pattern = Requests.Parameters.SymbolPattern, MinLength = 1,
                    MaxLength = SymbolName.BytesMax,
                },
                Example = "BTCUSDT",
            };
        }

        foreach (QueryParameter parameter in described.Parameters)
        {
            yield return new OpenApiParameter
            {
                Name = parameter.Name,
                In = ParameterLocation.Query,
                Required = parameter.Required,
                Description = parameter.Required ? parameter.Description : $"{parameter.Description} For example {parameter.Example}.",
                Schema = Schema(parameter),
                Example = parameter.Required ? parameter.Example : null,
            };
        }

        if (described.HasVersion)
        {
            yield return Header("If-None-Match",
                "The ETag of an answer that the client still has, in its quotes: 304 where the state has not moved since.");
        }

        if (described.Kind == RouteKind.Stream)
            yield return Header("Last-Event-ID",
                "The id of the last event that the client has; browsers send it by themselves. It wins over since.");
    }

    private static OpenApiParameter Header(string name, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    private static OpenApiSchema Schema(QueryParameter parameter) => parameter switch
    {
        IntegerParameter integer => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Format = "int64",
            Minimum = integer.Min.ToString(CultureInfo.InvariantCulture),
            Maximum = integer.Max.ToString(CultureInfo.InvariantCulture),
            Default = integer.Default is { } value ? JsonValue.Create(value) : null,
        },
        ChoiceParameter choice => new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Enum = [.. choice.Choices.SelectMany(known => (string[])[known.Word, .. known.Aliases]).Select(word => (JsonNode)word)],
            Default = choice.Default,
        },
        PrefixParameter => new OpenApiSchema
        {
            Type = JsonSchemaType.String, Pattern = Requests.Parameters.SymbolPattern, MinLength = 1, MaxLength = SymbolName.BytesMax,
        },
        SymbolsParameter symbols => new OpenApiSchema
        {
            Type = JsonSchemaType.String,
            Pattern = string.Create(
                CultureInfo.InvariantCulture,
                $"^{Requests.Parameters.SymbolCharacters}(,{Requests.Parameters.SymbolCharacters}){{0,{symbols.Max - 1}}}$"),
        },
        _ => new OpenApiSchema { Type = JsonSchemaType.String },
    };
}
