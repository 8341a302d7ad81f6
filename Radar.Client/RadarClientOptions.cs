using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Radar.Client;

/// <summary>Options of <see cref="RadarClient"/>.</summary>
public sealed class RadarClientOptions
{
    /// <summary>
    /// Where the API is: <c>http://host:8000</c>, a path before <c>/api</c> included where a proxy adds one, or with service discovery
    /// the name of the resource, <c>http://radar-api</c>. Required.
    /// </summary>
    [Required(ErrorMessage = "BaseAddress is missing: the address of the Radar API, such as http://127.0.0.1:8000.")]
    public Uri? BaseAddress { get; set; }

    /// <summary>Key of the API, <c>rk_…</c>, where it asks for one; null sends none.</summary>
    public string? Key { get; set; }

    /// <summary>
    /// Gives a token (JWT) for each request, where the API asks for one: from a cache of its own, and a new one where
    /// <see cref="AccessTokenRequest.WasRefused"/>. Null sends none.
    /// </summary>
    public Func<AccessTokenRequest, ValueTask<string?>>? AccessToken { get; set; }

    /// <summary>
    /// How long a stream may bring nothing before the connection counts as lost, in ms. The default is three heartbeats of an API that
    /// is set up as usual; it has to be longer than the API's <c>Api:StreamHeartbeatMs</c>.
    /// </summary>
    [Range(100, 3_600_000)]
    public int StreamSilenceMs { get; set; } = 15_000;

    /// <summary>
    /// Longest wait before the first attempt to bring back a stream, in ms. It doubles with every attempt that fails; the actual wait
    /// is drawn from between 0 and that, so that not all clients come back at once.
    /// </summary>
    [Range(1, 3_600_000)]
    public int ReconnectDelayMs { get; set; } = 500;

    /// <summary>Longest wait between two attempts, in ms; where the API asks for a longer one, that is added.</summary>
    [Range(1, 3_600_000)]
    public int ReconnectDelayMaxMs { get; set; } = 5_000;
}

/// <summary>A token is needed.</summary>
/// <param name="WasRefused">The API has just refused the one that was given before.</param>
/// <param name="CancellationToken">Ends the request.</param>
public readonly record struct AccessTokenRequest(bool WasRefused, CancellationToken CancellationToken);

/// <summary>Checks <see cref="RadarClientOptions"/>, member by member.</summary>
[OptionsValidator]
internal sealed partial class RadarClientOptionsRanges : IValidateOptions<RadarClientOptions>;

/// <summary>Checks <see cref="RadarClientOptions"/>.</summary>
internal sealed class RadarClientOptionsValidator : IValidateOptions<RadarClientOptions>
{
    private static readonly string[] Schemes = ["http", "https", "https+http", "http+https"];

    public ValidateOptionsResult Validate(string? name, RadarClientOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        result.AddResult(new RadarClientOptionsRanges().Validate(name, options));
        if (options.BaseAddress is { } address && !(address.IsAbsoluteUri && Schemes.Contains(address.Scheme)))
            result.AddError($"{address} is not an absolute http or https address.", nameof(options.BaseAddress));
        if (options.Key is not null && options.AccessToken is not null)
            result.AddError($"Set it or {nameof(options.AccessToken)}, not both.", nameof(options.Key));
        if (options.ReconnectDelayMs > options.ReconnectDelayMaxMs)
        {
            result.AddError(
                $"{options.ReconnectDelayMs} is larger than {nameof(options.ReconnectDelayMaxMs)} = {options.ReconnectDelayMaxMs}.",
                nameof(options.ReconnectDelayMs));
        }

        return result.Build();
    }
}
