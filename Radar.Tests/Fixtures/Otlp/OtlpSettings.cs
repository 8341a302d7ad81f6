namespace Radar.Tests.Fixtures.Otlp;

/// <summary>Environments of processes that export their telemetry.</summary>
internal static class OtlpSettings
{
    /// <summary>To <paramref name="endpoint"/>, several times a second, so that no test waits for it.</summary>
    public static Dictionary<string, string> Often(string endpoint) => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint,
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_METRIC_EXPORT_INTERVAL"] = "500",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "200",
        ["OTEL_BLRP_SCHEDULE_DELAY"] = "200",
    };
}
