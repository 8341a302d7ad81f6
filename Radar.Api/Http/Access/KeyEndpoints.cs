using System.Text.Json;
using System.Text.Json.Serialization;
using Radar.Api.Access;
using Radar.Api.Http.Answers;
using Radar.ServiceDefaults;

namespace Radar.Api.Http.Access;

/// <summary>What administrators do with keys, over HTTP: <c>/admin/keys</c>.</summary>
internal static class KeyEndpoints
{
    public static void Map(WebApplication app, IEndpointRouteBuilder routes)
    {
        if (!app.Configuration.ReadEarly<AuthOptions>(AuthOptions.Section).TakesKeys)
            return;
        var keys = routes.MapGroup("/admin/keys").ExcludeFromDescription().NeedScope(app, Scopes.Admin);
        keys.MapGet("", static (HttpContext context, KeyAdministration administration) => AnswerAsync(context, async () =>
            Results.Json(
                new KeyList([.. (await administration.ListAsync()).Select(KeyItem.Of)]), AccessBodies.Default.KeyList)));
        keys.MapPost("", static (HttpContext context, KeyAdministration administration) => AnswerAsync(context, async () =>
        {
            var wanted = await ReadAsync(context.Request);
            var (key, secret) = await administration.CreateAsync(
                wanted.Name, wanted.Scopes, wanted.Symbols, KeyAdministration.LifetimeOf(wanted.ExpiresInDays), wanted.Limits, By(context));
            return Results.Json(
                new NewKey(secret.Reveal(), KeyItem.Of(key)), AccessBodies.Default.NewKey, statusCode: StatusCodes.Status201Created);
        }));
        keys.MapPost("/{id}/rotate", static (HttpContext context, string id, KeyAdministration administration) =>
            AnswerAsync(context, async () => Results.Json(
                new NewSecret((await administration.RotateAsync(id, By(context))).Reveal()), AccessBodies.Default.NewSecret)));
        keys.MapPost("/{id}/retire", static (HttpContext context, string id, KeyAdministration administration) =>
            AnswerAsync(context, async () =>
            {
                await administration.RetireAsync(id, By(context));
                return Results.NoContent();
            }));
        keys.MapDelete("/{id}", static (HttpContext context, string id, KeyAdministration administration) =>
            AnswerAsync(context, async () =>
            {
                await administration.RevokeAsync(id, By(context));
                return Results.NoContent();
            }));
    }

    private static async Task<IResult> AnswerAsync(HttpContext context, Func<Task<IResult>> answer)
    {
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            return await answer();
        }
        catch (KeyRequestException e) when (e.Parameter == "id")
        {
            return Problems.NotFound(e.Message, e.Parameter);
        }
        catch (KeyRequestException e)
        {
            return Problems.BadParameter(e.Parameter, e.Message);
        }
    }

    private static async Task<WantedKey> ReadAsync(HttpRequest request)
    {
        const string Form = "The body is JSON: {\"name\":\"charts\",\"scopes\":[\"market.read\"]}.";
        try
        {
            return await request.ReadFromJsonAsync(AccessBodies.Default.WantedKey) ?? throw new KeyRequestException("body", Form);
        }
        catch (JsonException e) when (e.Path is ['$', '.', .. var member])
        {
            throw new KeyRequestException("body", $"{Form} The member {LogText.Of(member)} is unknown, or its value is of another kind.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new KeyRequestException("body", Form);
        }
    }

    private static string By(HttpContext context) => Caller.Of(context)?.Name ?? "unknown";
}

/// <summary>What a new key is to be.</summary>
internal sealed record WantedKey(
    string? Name = null, string[]? Scopes = null, string[]? Symbols = null, [property: JsonNumberHandling(JsonNumberHandling.Strict)]
    double? ExpiresInDays = null, KeyLimits? Limits = null);

/// <summary>A new key; what is shown only once.</summary>
internal sealed record NewKey(string Key, KeyItem Record);

/// <summary>A new secret of a key; what is shown only once.</summary>
internal sealed record NewSecret(string Key);

internal sealed record KeyList(KeyItem[] Keys);

/// <summary>A key without its secrets.</summary>
internal sealed record KeyItem(
    string Id, string Name, string[] Scopes, DateTimeOffset Created, DateTimeOffset? Expires, string[]? Symbols, int Secrets,
    KeyLimits? Limits)
{
    public static KeyItem Of(ApiKey key) => new(
        key.Id, key.Name, [.. key.Scopes], key.Created, key.Expires, key.Symbols is { } symbols ? [.. symbols] : null, key.Secrets.Length,
        key.Limits);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(WantedKey))]
[JsonSerializable(typeof(NewKey))]
[JsonSerializable(typeof(NewSecret))]
[JsonSerializable(typeof(KeyList))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class AccessBodies : JsonSerializerContext;
