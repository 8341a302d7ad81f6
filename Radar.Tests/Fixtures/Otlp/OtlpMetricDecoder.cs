namespace Radar.Tests.Fixtures.Otlp;

/// <summary>Decodes a <c>Metric</c> of OTLP into its points. Exponential histograms and summaries, unused here, are passed over.</summary>
internal static class OtlpMetricDecoder
{
    private const int GaugeField = 5;
    private const int SumField = 7;
    private const int HistogramField = 9;

    public static void Read(ExportingService service, string scope, ReadOnlySpan<byte> message, List<ExportedPoint> points)
    {
        string name = "", unit = "", description = "";
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text; break;
                case 2: description = reader.Text; break;
                case 3: unit = reader.Text; break;
                case GaugeField or SumField or HistogramField:
                    var kind = reader.Field switch
                    {
                        GaugeField => ExportedMetricKind.Gauge,
                        SumField => ExportedMetricKind.Sum,
                        _ => ExportedMetricKind.Histogram,
                    };
                    // The head comes first on the wire, as fields do in order of their numbers.
                    var metric = new ExportedMetric(service, scope, name, unit, description, kind, IsMonotonic(reader.Bytes));
                    ReadPoints(metric, reader.Bytes, points);
                    break;
            }
        }
    }

    private static bool IsMonotonic(ReadOnlySpan<byte> data)
    {
        bool monotonic = false;
        var reader = new ProtobufReader(data);
        while (reader.Next())
            monotonic |= reader.Field == 3 && reader.Number != 0;
        return monotonic;
    }

    private static void ReadPoints(ExportedMetric metric, ReadOnlySpan<byte> data, List<ExportedPoint> points)
    {
        var reader = new ProtobufReader(data);
        while (reader.Next())
        {
            if (reader.Field == 1)
                points.Add(metric.Kind == ExportedMetricKind.Histogram ? Histogram(metric, reader.Bytes) : Number(metric, reader.Bytes));
        }
    }

    private static ExportedPoint Number(ExportedMetric metric, ReadOnlySpan<byte> message)
    {
        long time = 0;
        double value = 0;
        var attributes = new ExportedAttributes();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3: time = (long)reader.Number; break;
                case 4: value = reader.Double; break;
                case 6: value = (long)reader.Number; break;
                case 7: OtlpDecoder.ReadAttribute(reader.Bytes, attributes); break;
            }
        }

        return new ExportedPoint(metric, attributes, time, value, 0, [], []);
    }

    private static ExportedPoint Histogram(ExportedMetric metric, ReadOnlySpan<byte> message)
    {
        long time = 0, count = 0;
        double sum = 0;
        var buckets = new List<ulong>();
        var bounds = new List<ulong>();
        var attributes = new ExportedAttributes();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 3: time = (long)reader.Number; break;
                case 4: count = (long)reader.Number; break;
                case 5: sum = reader.Double; break;
                case 6: reader.AddTo(buckets); break;
                case 7: reader.AddTo(bounds); break;
                case 9: OtlpDecoder.ReadAttribute(reader.Bytes, attributes); break;
            }
        }

        double[] upper = [.. bounds.Select(BitConverter.UInt64BitsToDouble)];
        long[] counts = [.. buckets.Select(bucket => (long)bucket)];
        return new ExportedPoint(metric, attributes, time, sum, count, upper, counts);
    }
}
