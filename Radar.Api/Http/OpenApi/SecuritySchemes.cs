using Microsoft.OpenApi;
using Radar.Api.Access;

namespace Radar.Api.Http.OpenApi;

/// <summary>How a caller says who it is, for the API's document and the button Authorize of its page.</summary>
internal static class SecuritySchemes
{
    private const string Bearer = "bearer";
    private const string Header = "key";

    public static void Describe(OpenApiDocument api, AuthOptions auth)
    {
        if (!auth.IsOn)
            return;
        api.AddComponent(Bearer, new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = auth.TakesKeys ? "A key (rk_…), or a token where the API takes tokens." : "A token of the issuer.",
        });
        if (auth.TakesKeys)
        {
            api.AddComponent(Header, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.ApiKey,
                In = ParameterLocation.Header,
                Name = "X-Api-Key",
                Description = "A key (rk_…).",
            });
        }
    }

    /// <summary>Any one of the schemes.</summary>
    public static List<OpenApiSecurityRequirement> Any(AuthOptions auth, OpenApiDocument api)
    {
        string[] schemes = auth.TakesKeys ? [Bearer, Header] : [Bearer];
        return [.. schemes.Select(scheme => new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(scheme, api)] = [] })];
    }
}
