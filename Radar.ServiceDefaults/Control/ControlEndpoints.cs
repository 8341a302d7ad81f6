using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Radar.ServiceDefaults.Control;

/// <summary>
/// <c>POST /control/…</c>: what the commands on the AppHost's resources call. They exist only where <see cref="ControlOptions.Key"/> is
/// given, and answer only to requests that carry it.
/// </summary>
public static class ControlEndpoints
{
    /// <summary>Header with the key.</summary>
    public const string KeyHeader = "X-Radar-Control-Key";

    /// <summary>Adds <see cref="ControlOptions"/>, checked at start.</summary>
    public static WebApplicationBuilder AddControl(this WebApplicationBuilder builder)
    {
        builder.Services.AddCheckedOptions<ControlOptions, ControlOptionsValidator>(ControlOptions.Section);
        return builder;
    }

    /// <summary>Maps a service's control endpoints, where there is a key.</summary>
    public static WebApplication MapControl(this WebApplication app, Action<ControlGroup> map)
    {
        if (app.Configuration.ReadEarly<ControlOptions>(ControlOptions.Section).Key is { Length: > 0 } key)
            map(new ControlGroup(app.MapGroup("/control").ExcludeFromDescription(), key));
        return app;
    }
}

/// <summary>The control endpoints of one service.</summary>
public sealed class ControlGroup
{
    /// <summary>No command takes longer; the AppHost waits a little longer than that.</summary>
    public static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerOptions.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    private readonly IEndpointRouteBuilder _routes;
    private readonly byte[] _keyHash;

    internal ControlGroup(IEndpointRouteBuilder routes, string key) => (_routes, _keyHash) = (routes, Hash(key));

    /// <summary>Adds <c>POST /control{path}</c>. The key is checked before anything of the request is read.</summary>
    /// <param name="path">Begins with a slash.</param>
    /// <param name="handle">Throws <see cref="ControlException"/> for what cannot be carried out. Its token ends after
    /// <see cref="TimeLimit"/>.</param>
    public ControlGroup Post(string path, Func<HttpContext, CancellationToken, Task<ControlResult>> handle)
    {
        _routes.MapPost(path, context => AnswerAsync(context, handle));
        return this;
    }

    /// <summary>Reads a JSON body.</summary>
    /// <exception cref="ControlException">It is not one, or has members that are not known.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(context.Request.Body, Strict, cancellationToken)
                ?? throw new ControlException(StatusCodes.Status400BadRequest, "The body is null; it has to be a JSON object.");
        }
        catch (JsonException e)
        {
            // Its message has the names of types; where it is wrong is enough.
            string at = e.LineNumber is { } line
                ? string.Create(CultureInfo.InvariantCulture, $" (at {LogText.Of(e.Path ?? "$")}, line {line + 1})")
                : "";
            throw new ControlException(StatusCodes.Status400BadRequest, $"The body is not the JSON object that is expected{at}.");
        }
    }

    private async Task AnswerAsync(HttpContext context, Func<HttpContext, CancellationToken, Task<ControlResult>> handle)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!IsKey(context.Request.Headers[ControlEndpoints.KeyHeader].ToString()))
        {
            await ProblemAsync(
                context, StatusCodes.Status401Unauthorized,
                $"The header {ControlEndpoints.KeyHeader} has to carry the value of Control:Key.");
            return;
        }

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        limit.CancelAfter(TimeLimit);
        try
        {
            await context.Response.WriteAsJsonAsync(await handle(context, limit.Token), JsonSerializerOptions.Web, limit.Token);
        }
        catch (ControlException e)
        {
            await ProblemAsync(context, e.Status, e.Message);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            await ProblemAsync(
                context, StatusCodes.Status504GatewayTimeout,
                $"It was not done within {TimeLimit.TotalSeconds:0} s. See the log of the service.");
        }
    }

    /// <summary>Hashes are compared, so that the time it takes reveals neither the key's bytes nor its length.</summary>
    private bool IsKey(string given) => CryptographicOperations.FixedTimeEquals(Hash(given), _keyHash);

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static Task ProblemAsync(HttpContext context, int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status).ExecuteAsync(context);
}
