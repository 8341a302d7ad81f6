using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Radar.Api.Access;

/// <summary>Who may ask the API; section <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Auth";

    /// <summary>
    /// <c>none</c>, <c>keys</c>, <c>jwt</c> or <c>keys,jwt</c>. Not given: everybody on this machine may ask, and the API refuses to listen
    /// beyond it.
    /// </summary>
    public string? Mode { get; set; }

    /// <summary>Who issues the tokens (<c>iss</c>), as <c>https://login.example.com/realms/market</c>; needed for <c>jwt</c>.</summary>
    public string? Issuer { get; set; }

    /// <summary>Whom tokens are for (<c>aud</c>); needed for <c>jwt</c>.</summary>
    public string? Audience { get; set; }

    /// <summary>
    /// Where the issuer's keys are described (OpenID Connect discovery). Null is <c>/.well-known/openid-configuration</c> of the issuer.
    /// </summary>
    public string? MetadataAddress { get; set; }

    /// <summary>Whether metadata may be read by plain HTTP; for an issuer on this machine or in a closed network.</summary>
    public bool AllowHttpMetadata { get; set; }

    /// <summary>How long the page's sign-in counts, in hours, 1 to 720; no longer than the key or token that it was made with.</summary>
    [Range(1, 720)]
    public int SessionHours { get; set; } = 12;

    /// <summary>Where the issuer's keys are described.</summary>
    internal string MetadataOf() => MetadataAddress ?? $"{Issuer?.TrimEnd('/')}/.well-known/openid-configuration";

    internal bool TakesKeys => Mode is not null && Mode.Contains("keys", StringComparison.Ordinal);

    internal bool TakesTokens => Mode is not null && Mode.Contains("jwt", StringComparison.Ordinal);

    /// <summary>Whether anybody is asked who it is.</summary>
    internal bool IsOn => TakesKeys || TakesTokens;
}

/// <summary>Checks <see cref="AuthOptions"/> at start.</summary>
internal sealed class AuthOptionsValidator : IValidateOptions<AuthOptions>
{
    private static readonly string[] Modes = ["none", "keys", "jwt", "keys,jwt", "jwt,keys"];

    public ValidateOptionsResult Validate(string? name, AuthOptions options)
    {
        var faults = new List<string>();
        if (options.Mode is not null && !Modes.Contains(options.Mode))
            faults.Add($"Auth:Mode is none, keys, jwt or keys,jwt, and not '{options.Mode}'.");
        if (options.TakesTokens && !Uri.TryCreate(options.Issuer, UriKind.Absolute, out _))
        {
            faults.Add(
                "Auth:Issuer is missing or no URL: with Auth:Mode=jwt it names who issues the tokens, as https://login.example.com.");
        }

        if (options.TakesTokens && string.IsNullOrWhiteSpace(options.Audience))
            faults.Add("Auth:Audience is missing: with Auth:Mode=jwt it names whom tokens are for, as their claim aud has it.");
        if (options.SessionHours is < 1 or > 720)
            faults.Add($"Auth:SessionHours is 1 to 720, and not {options.SessionHours}.");
        if (options.MetadataAddress is { } metadata && !Uri.TryCreate(metadata, UriKind.Absolute, out _))
            faults.Add("Auth:MetadataAddress is no URL.");
        if (options is { TakesTokens: true, AllowHttpMetadata: false }
            && Uri.TryCreate(options.MetadataOf(), UriKind.Absolute, out var read) && read.Scheme != Uri.UriSchemeHttps)
        {
            string setting = options.MetadataAddress is null ? "Auth:Issuer" : "Auth:MetadataAddress";
            faults.Add(
                $"{setting} is no https:// URL: who is between could say whose tokens count. Auth:AllowHttpMetadata=true is for an issuer "
                + "on this machine or in a closed network.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
