using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Radar.Api.Access;

namespace Radar.Api.Http.Access;

/// <summary>Takes tokens (JWT) of one issuer for one audience, by the framework's handler.</summary>
internal sealed class TokenAuthentication(IOptions<AuthOptions> auth, IssuerKeys keys, TimeProvider time)
    : IConfigureNamedOptions<JwtBearerOptions>
{
    public const string Name = JwtBearerDefaults.AuthenticationScheme;

    private static readonly char[] Separators = [' ', ','];

    public void Configure(JwtBearerOptions options) => Configure(Name, options);

    public void Configure(string? name, JwtBearerOptions options)
    {
        options.Audience = auth.Value.Audience;
        options.ConfigurationManager = keys;
        options.MapInboundClaims = false;
        options.TokenValidationParameters.ValidIssuer = auth.Value.Issuer;
        options.Events = new JwtBearerEvents
        {
            OnTokenValidated = context =>
            {
                // The minutes by which clocks may differ are for tokens that were just made: one that is over would open streams and
                // sessions that end at once.
                if (context.SecurityToken.ValidTo <= time.GetUtcNow().UtcDateTime)
                {
                    context.Fail(new SecurityTokenExpiredException());
                    return Task.CompletedTask;
                }

                context.Principal = new ClaimsPrincipal(CallerOf(context.Principal!, context.SecurityToken.ValidTo));
                return Task.CompletedTask;
            },
            OnAuthenticationFailed = static context =>
            {
                context.Fail(context.Exception); // an issuer that does not answer is no exception of the request
                return Task.CompletedTask;
            },
        };
    }

    private static Caller CallerOf(ClaimsPrincipal token, DateTime expires)
    {
        string subject = token.FindFirstValue(JwtRegisteredClaimNames.Sub) ?? token.FindFirstValue("client_id") ?? "unknown";
        string[] scopes = [.. token.FindAll("scope").Concat(token.FindAll("scp")).SelectMany(static claim => ScopesOf(claim.Value))];
        return Caller.OfToken(subject, scopes, new DateTimeOffset(DateTime.SpecifyKind(expires, DateTimeKind.Utc)), Name);
    }

    /// <summary>Words between blanks, or a JSON array of words.</summary>
    private static string[] ScopesOf(string value)
    {
        if (!value.StartsWith('['))
            return value.Split(Separators, StringSplitOptions.RemoveEmptyEntries);
        try
        {
            return JsonSerializer.Deserialize(value, AccessBodies.Default.StringArray) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }
}
