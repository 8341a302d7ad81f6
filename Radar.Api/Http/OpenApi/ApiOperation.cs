using Radar.Api.Access;
using Radar.Api.Http.Requests;

namespace Radar.Api.Http.OpenApi;

/// <summary>What the API's document has about one route; metadata of its endpoint.</summary>
/// <param name="Id">Name of the operation in generated clients.</param>
/// <param name="Summary">A line.</param>
/// <param name="Description">A paragraph.</param>
/// <param name="Parameters">Of the query string.</param>
/// <param name="Answer">Type of the body, from the contract.</param>
/// <param name="Example">A body.</param>
/// <param name="Kind">What else the route has in common with others.</param>
internal sealed record ApiOperation(
    string Id, string Summary, string Description, IReadOnlyList<QueryParameter> Parameters, Type Answer, string Example,
    RouteKind Kind = RouteKind.Symbol)
{
    /// <summary>What a key or token needs for it, where anybody is asked.</summary>
    public string Scope { get; init; } = Scopes.Read;


    public const string EventStream = "text/event-stream";

    public string ContentType => Kind == RouteKind.Stream ? EventStream : "application/json";

    /// <summary>Its answers have entity tags.</summary>
    public bool HasVersion => Kind is RouteKind.Symbol or RouteKind.List;

    public int[] ProblemStatuses => Kind is RouteKind.Symbol or RouteKind.Stream
        ? [StatusCodes.Status400BadRequest, StatusCodes.Status404NotFound, StatusCodes.Status503ServiceUnavailable]
        : [StatusCodes.Status400BadRequest, StatusCodes.Status503ServiceUnavailable];
}

/// <summary>What routes have in common.</summary>
internal enum RouteKind
{
    /// <summary>A symbol in the path, which may be unknown; a version of its partition.</summary>
    Symbol,

    /// <summary>Many symbols; a version of all partitions.</summary>
    List,

    /// <summary>Measured when asked.</summary>
    Measurement,

    /// <summary>Server-sent events.</summary>
    Stream,
}
