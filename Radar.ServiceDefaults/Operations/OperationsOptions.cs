using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace Radar.ServiceDefaults.Operations;

/// <summary>Options of what operators ask: health, metrics and lag; section <c>Operations</c>.</summary>
public sealed class OperationsOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Operations";

    /// <summary>
    /// Port on which <c>/health</c> in full, <c>/ready</c>, <c>/alive</c>, <c>/metrics</c> and, of the API, <c>/api/v2/lag</c> are answered
    /// without a key or token, and nothing else is; <c>/metrics</c> is nowhere else then. 0 is no such port.
    /// </summary>
    [Range(0, 65535)]
    public int Port { get; set; }

    /// <summary>IP address on which <see cref="Port"/> listens; <c>0.0.0.0</c> or <c>::</c> for other machines to reach it.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>How long a report of the health counts, in ms: polls within it share one. 0 checks at each poll.</summary>
    [Range(0, 60_000)]
    public int HealthCacheMs { get; set; } = 1000;

    /// <summary>
    /// How long the API goes on answering after it was asked to stop, in s, while its <c>/ready</c> answers 503: as long as load balancers
    /// take to notice. Its streams end after that.
    /// </summary>
    [Range(0, 300)]
    public int DrainSeconds { get; set; }
}

/// <summary>Checks <see cref="OperationsOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class OperationsOptionsValidator : IValidateOptions<OperationsOptions>;

/// <summary>Checks what no attribute can say.</summary>
internal sealed class OperationsOptionsRules : IValidateOptions<OperationsOptions>
{
    public ValidateOptionsResult Validate(string? name, OperationsOptions options) => IPAddress.TryParse(options.Address, out _)
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail(
            $"{OperationsOptions.Section}:Address: '{options.Address}' is no IP address. 127.0.0.1 is this machine only, 0.0.0.0 "
            + "every interface.");
}
