using System.Globalization;

namespace Radar.Tests.Fixtures.Otlp;

/// <summary>Attributes by name. Values are string, bool, long, double, or for arrays a list of them.</summary>
internal sealed class ExportedAttributes : Dictionary<string, object?>
{
    public ExportedAttributes()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>A value as text; null where there is none.</summary>
    public string? Text(string name) =>
        TryGetValue(name, out object? value) && value is not null ? Convert.ToString(value, CultureInfo.InvariantCulture) : null;

    public override string ToString() =>
        string.Join(' ', this.OrderBy(attribute => attribute.Key, StringComparer.Ordinal)
            .Select(attribute => string.Create(CultureInfo.InvariantCulture, $"{attribute.Key}={attribute.Value}")));
}

/// <summary>Who exported: <c>service.name</c> and <c>service.instance.id</c>.</summary>
internal sealed record ExportingService(string Name, string Instance);

/// <summary>OTLP's <c>SpanKind</c>.</summary>
internal enum ExportedSpanKind
{
    Unspecified,
    Internal,
    Server,
    Client,
    Producer,
    Consumer,
}

/// <summary>Another span that a span names.</summary>
internal sealed record ExportedLink(string TraceId, string SpanId, ExportedAttributes Attributes);

/// <summary>A span. Ids are in lower-case hex; the parent's is empty for a root; times in Unix ns.</summary>
internal sealed record ExportedSpan(
    ExportingService Service,
    string Scope,
    string TraceId,
    string SpanId,
    string ParentSpanId,
    string Name,
    ExportedSpanKind Kind,
    long StartNs,
    long EndNs,
    bool IsError,
    ExportedAttributes Attributes,
    IReadOnlyList<ExportedLink> Links)
{
    public override string ToString() =>
        $"{Service.Name}: {Name} ({Kind}) trace {TraceId} span {SpanId} parent {ParentSpanId} {Attributes}";
}

/// <summary>What a metric is.</summary>
internal enum ExportedMetricKind
{
    Gauge,
    Sum,
    Histogram,
}

/// <summary>A metric's head.</summary>
internal sealed record ExportedMetric(
    ExportingService Service, string Scope, string Name, string Unit, string Description, ExportedMetricKind Kind, bool IsMonotonic);

/// <summary>The newest point of one series.</summary>
/// <param name="Metric">Whose.</param>
/// <param name="Attributes">Of the series.</param>
/// <param name="TimeNs">When it was taken, Unix ns.</param>
/// <param name="Value">Of a gauge or sum; of a histogram the sum of what was recorded.</param>
/// <param name="Count">Of a histogram, what was recorded.</param>
/// <param name="Bounds">Of a histogram, the upper bounds of its buckets but the last.</param>
/// <param name="Buckets">Of a histogram, how many fell into each.</param>
internal sealed record ExportedPoint(
    ExportedMetric Metric,
    ExportedAttributes Attributes,
    long TimeNs,
    double Value,
    long Count,
    IReadOnlyList<double> Bounds,
    IReadOnlyList<long> Buckets)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Metric.Service.Name}: {Metric.Name} {Attributes} = {Value} ({Count})");
}

/// <summary>A log record. Severities are OTLP's: 9 is information, 13 a warning, 17 an error.</summary>
internal sealed record ExportedLog(
    ExportingService Service,
    DateTimeOffset Time,
    string Category,
    int Severity,
    string SeverityText,
    string Body,
    string TraceId,
    string SpanId,
    ExportedAttributes Attributes)
{
    public const int Warning = 13;

    public override string ToString() => $"{Service.Name}: {SeverityText}: {Category}: {Body} {Attributes}";
}
