namespace Radar.Tests.Fixtures.Otlp;

/// <summary>
/// Decodes the three requests of OTLP 1 (opentelemetry-proto 1.x): resource → scope → item. Field numbers are those of its
/// <c>.proto</c> files; what is not asked for is passed over.
/// </summary>
internal static class OtlpDecoder
{
    private delegate void Item(ExportingService service, string scope, ReadOnlySpan<byte> item);

    public static List<ExportedSpan> Traces(ReadOnlySpan<byte> request)
    {
        var spans = new List<ExportedSpan>();
        ReadItems(request, (service, scope, item) => spans.Add(Span(service, scope, item)));
        return spans;
    }

    public static List<ExportedLog> Logs(ReadOnlySpan<byte> request)
    {
        var logs = new List<ExportedLog>();
        ReadItems(request, (service, scope, item) => logs.Add(Log(service, scope, item)));
        return logs;
    }

    public static List<ExportedPoint> Metrics(ReadOnlySpan<byte> request)
    {
        var points = new List<ExportedPoint>();
        ReadItems(request, (service, scope, item) => OtlpMetricDecoder.Read(service, scope, item, points));
        return points;
    }

    /// <summary>One entry of a repeated <c>KeyValue</c>.</summary>
    public static void ReadAttribute(ReadOnlySpan<byte> message, ExportedAttributes attributes)
    {
        string key = "";
        object? value = null;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            if (reader.Field == 1)
                key = reader.Text;
            else if (reader.Field == 2)
                value = Value(reader.Bytes);
        }

        attributes[key] = value;
    }

    // The three requests have the same frame: resource_* = 1 { resource = 1, scope_* = 2 { scope = 1, items = 2 } }.
    private static void ReadItems(ReadOnlySpan<byte> request, Item read)
    {
        var resources = new ProtobufReader(request);
        while (resources.Next())
        {
            var service = Service(resources.Bytes);
            var scopes = new ProtobufReader(resources.Bytes);
            while (scopes.Next())
            {
                if (scopes.Field != 2)
                    continue;
                string scope = Scope(scopes.Bytes);
                var items = new ProtobufReader(scopes.Bytes);
                while (items.Next())
                {
                    if (items.Field == 2)
                        read(service, scope, items.Bytes);
                }
            }
        }
    }

    private static ExportingService Service(ReadOnlySpan<byte> ofResource)
    {
        var attributes = new ExportedAttributes();
        var parts = new ProtobufReader(ofResource);
        while (parts.Next())
        {
            if (parts.Field != 1)
                continue;
            var resource = new ProtobufReader(parts.Bytes);
            while (resource.Next())
            {
                if (resource.Field == 1)
                    ReadAttribute(resource.Bytes, attributes);
            }
        }

        return new ExportingService(attributes.Text("service.name") ?? "", attributes.Text("service.instance.id") ?? "");
    }

    private static string Scope(ReadOnlySpan<byte> ofScope)
    {
        var parts = new ProtobufReader(ofScope);
        while (parts.Next())
        {
            if (parts.Field != 1)
                continue;
            var scope = new ProtobufReader(parts.Bytes);
            while (scope.Next())
            {
                if (scope.Field == 1)
                    return scope.Text;
            }
        }

        return "";
    }

    private static object? Value(ReadOnlySpan<byte> message)
    {
        object? value = null;
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            value = reader.Field switch
            {
                1 => reader.Text,
                2 => reader.Number != 0,
                3 => (long)reader.Number,
                4 => reader.Double,
                5 => Values(reader.Bytes),
                _ => reader.Hex,
            };
        }

        return value;
    }

    private static List<object?> Values(ReadOnlySpan<byte> array)
    {
        var values = new List<object?>();
        var reader = new ProtobufReader(array);
        while (reader.Next())
            values.Add(Value(reader.Bytes));
        return values;
    }

    private static ExportedSpan Span(ExportingService service, string scope, ReadOnlySpan<byte> message)
    {
        string trace = "", id = "", parent = "", name = "";
        int kind = 0;
        long start = 0, end = 0;
        bool isError = false;
        var attributes = new ExportedAttributes();
        var links = new List<ExportedLink>();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: trace = reader.Hex; break;
                case 2: id = reader.Hex; break;
                case 4: parent = reader.Hex; break;
                case 5: name = reader.Text; break;
                case 6: kind = (int)reader.Number; break;
                case 7: start = (long)reader.Number; break;
                case 8: end = (long)reader.Number; break;
                case 9: ReadAttribute(reader.Bytes, attributes); break;
                case 13: links.Add(Link(reader.Bytes)); break;
                case 15: isError = IsError(reader.Bytes); break;
            }
        }

        return new ExportedSpan(service, scope, trace, id, parent, name, (ExportedSpanKind)kind, start, end, isError, attributes, links);
    }

    private static ExportedLink Link(ReadOnlySpan<byte> message)
    {
        string trace = "", id = "";
        var attributes = new ExportedAttributes();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: trace = reader.Hex; break;
                case 2: id = reader.Hex; break;
                case 4: ReadAttribute(reader.Bytes, attributes); break;
            }
        }

        return new ExportedLink(trace, id, attributes);
    }

    private static bool IsError(ReadOnlySpan<byte> status)
    {
        var reader = new ProtobufReader(status);
        while (reader.Next())
        {
            if (reader.Field == 3)
                return reader.Number == 2;
        }

        return false;
    }

    private static ExportedLog Log(ExportingService service, string category, ReadOnlySpan<byte> message)
    {
        string severityText = "", body = "", trace = "", span = "";
        int severity = 0;
        ulong nanoseconds = 0;
        var attributes = new ExportedAttributes();
        var reader = new ProtobufReader(message);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: nanoseconds = reader.Number; break;
                case 2: severity = (int)reader.Number; break;
                case 3: severityText = reader.Text; break;
                case 5: body = Value(reader.Bytes) as string ?? ""; break;
                case 6: ReadAttribute(reader.Bytes, attributes); break;
                case 9: trace = reader.Hex; break;
                case 10: span = reader.Hex; break;
            }
        }

        var time = DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / TimeSpan.NanosecondsPerTick));
        return new ExportedLog(service, time, category, severity, severityText, body, trace, span, attributes);
    }
}
