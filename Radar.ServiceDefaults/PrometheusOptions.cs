namespace Radar.ServiceDefaults;

/// <summary>Options of <c>/metrics</c>; section <c>Telemetry:Prometheus</c>.</summary>
public sealed class PrometheusOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Telemetry:Prometheus";

    /// <summary>
    /// Whether <c>/metrics</c> is served, in the text format of Prometheus: on the port of <c>Operations:Port</c>, or with everything else.
    /// </summary>
    public bool Enabled { get; set; }

    /// <summary>Whether the metrics of all Radar services in this process are served. Set by Standalone, for one of its three.</summary>
    public bool AllServices { get; set; }
}
