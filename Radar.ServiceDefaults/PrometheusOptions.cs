using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace Radar.ServiceDefaults;

/// <summary>Options of <c>/metrics</c>; section <c>Telemetry:Prometheus</c>.</summary>
public sealed class PrometheusOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Telemetry:Prometheus";

    /// <summary>Whether <c>/metrics</c> is served, in the text format of Prometheus.</summary>
    public bool Enabled { get; set; }

    /// <summary>
    /// Port on which <c>/metrics</c> is served, and nothing else; it is nowhere else then. 0 serves it where the service listens.
    /// </summary>
    [Range(0, 65535)]
    public int Port { get; set; }

    /// <summary>IP address on which <see cref="Port"/> listens; <c>0.0.0.0</c> or <c>::</c> for other machines to reach it.</summary>
    [Required]
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>Whether the metrics of all Radar services in this process are served. Set by Standalone, for one of its three.</summary>
    public bool AllServices { get; set; }
}

/// <summary>Checks <see cref="PrometheusOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class PrometheusOptionsValidator : IValidateOptions<PrometheusOptions>;

/// <summary>Checks what no attribute can say.</summary>
internal sealed class PrometheusOptionsRules : IValidateOptions<PrometheusOptions>
{
    public ValidateOptionsResult Validate(string? name, PrometheusOptions options) => IPAddress.TryParse(options.Address, out _)
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail(
            $"{PrometheusOptions.Section}:Address: '{options.Address}' is no IP address. 127.0.0.1 is this machine only, 0.0.0.0 "
            + "every interface.");
}
