using Radar.ServiceDefaults.Settings;
using Radar.Tests.Docs;

namespace Radar.Tests.Deploy;

/// <summary>Environment variables of manifests, compared with the settings that there are.</summary>
internal static class DeployedSettings
{
    /// <summary>Those of .NET and of OpenTelemetry, which are in no section of Radar's.</summary>
    private static readonly HashSet<string> OfOthers =
    [
        "ASPNETCORE_HTTP_PORTS", "DOTNET_hostBuilder__reloadConfigOnChange",
        "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_RESOURCE_ATTRIBUTES",
        "OTEL_SERVICE_NAME",
    ];

    private static readonly HashSet<string> ConnectionStrings = ["ConnectionStrings:kafka", "ConnectionStrings:redis"];

    /// <summary>Why a service would not understand a variable; null where it would.</summary>
    /// <param name="variable">Its name.</param>
    /// <param name="value">Its value; null where it is not in the manifest, or made from something else.</param>
    public static string? Fault(string variable, string? value)
    {
        string name = variable.Replace("__", ":", StringComparison.Ordinal);
        if (OfOthers.Contains(variable) || ConnectionStrings.Contains(name))
            return null;
        foreach (var (known, property) in ConfigurationDocument.Names())
        {
            if (SettingCheck.HasParts(property) && name.StartsWith(known + ":", StringComparison.Ordinal))
                return null;
            if (name == known)
            {
                return value is not null && SettingCheck.ValueFault(value, property.PropertyType) is { } fault
                    ? $"{variable}: {fault}"
                    : null;
            }
        }

        return $"{variable} is no setting of docs/configuration.md.";
    }
}
