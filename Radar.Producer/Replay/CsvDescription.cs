using System.Globalization;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>Describes how a CSV file is read.</summary>
internal static class CsvDescription
{
    /// <summary>The description.</summary>
    /// <param name="format">How it is read.</param>
    /// <param name="sample">Its first rows.</param>
    /// <param name="preset">The known format, or null.</param>
    /// <param name="symbol">Of rows that name none, or null.</param>
    /// <param name="options">What is set.</param>
    public static FormatDescription Of(
        CsvFormat format, CsvSample sample, Preset? preset, string? symbol, ReplayOptions options)
    {
        var layout = format.Layout;
        var fields = new List<(string, string)>();
        foreach (var field in Enum.GetValues<TickField>())
        {
            string? source = layout.Source(field) ?? field switch
            {
                TickField.Symbol when symbol is not null => options.Symbol is { Length: > 0 } ? symbol : "the file's name",
                TickField.Venue => format.Rules.Venue,
                TickField.Side when format.Rules.SideFromSize => "the sign of the size",
                _ => null,
            };
            if (source is not null)
                fields.Add((Name(field), source + Scale(field, format.Rules)));
        }

        if (preset?.Filter is { } filter && string.IsNullOrEmpty(options.Filter))
            fields.Add(("only", filter));
        else if (!string.IsNullOrEmpty(options.Filter))
            fields.Add(("only", options.Filter));
        return new FormatDescription(Title(format, preset, options))
        {
            Fields = fields, Unread = [.. layout.Unread], Warnings = [.. TimeWarnings(format, sample, preset), .. Warnings(format, sample)],
        };
    }

    private static string Title(CsvFormat format, Preset? preset, ReplayOptions options)
    {
        string separator = format.Separator == '\t' ? "tabs" : $"'{format.Separator}'";
        string header = format.HasHeader ? "" : !string.IsNullOrEmpty(options.Header) ? ", header as set" : ", without a header";
        return $"CSV with {separator}{header}{(preset is null ? "" : $", {preset.Title}")}";
    }

    /// <summary>What a field is multiplied by, for people; empty where it is not.</summary>
    public static string Scale(TickField field, MappingRules rules)
    {
        decimal scale = field switch { TickField.Price => rules.PriceScale, TickField.Size => rules.SizeScale, _ => 1 };
        return scale == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" × {scale}");
    }

    /// <summary>A field for people.</summary>
    public static string Name(TickField field) => field switch
    {
        TickField.TradeId => "trade id",
        _ => field.ToString().ToLowerInvariant(),
    };

    private static IEnumerable<string> TimeWarnings(CsvFormat format, CsvSample sample, Preset? preset)
    {
        var layout = format.Layout;
        var text = format.Rules.Time;
        int time = layout[TickField.Time];
        if (TimeWarning.OfOld(sample.FirstTime(layout, text), "set Producer:Replay:TimeUnit") is { } old)
            yield return old;
        if (preset is null && text.Zone is null && sample.HasLocalTimes(time, text.Order) && !CsvNames.NamesUtc(layout.Header[time]))
        {
            yield return $"the times in the column '{CsvNames.Shown(layout.Header[time])}' have no offset and are read as UTC; "
                + "Producer:Replay:TimeZone says of which other zone they are, such as America/New_York";
        }
    }

    private static IEnumerable<string> Warnings(CsvFormat format, CsvSample sample)
    {
        var layout = format.Layout;
        if (layout[TickField.Date] < 0 && layout.ConstantOf(TickField.Date) is null
            && sample.HasDatesOnly(layout[TickField.Time], format.Rules.Time.Order))
        {
            yield return $"the column '{CsvNames.Shown(layout.Header[layout[TickField.Time]])}' holds dates without a time of day, so all "
                + "trades of a day are at its midnight; name the time with Producer:Replay:Columns:Timestamp, and the date beside it with "
                + "Producer:Replay:Columns:Date";
        }

        if (layout[TickField.Size] < 0 && layout.ConstantOf(TickField.Size) is null)
        {
            yield return "no column is known to hold the size, so every size is 0 and volumes are 0; its columns are "
                + $"{CsvNames.Listed(layout.Header)}. Name it with Producer:Replay:Columns:Size";
        }

        if (layout[TickField.Side] < 0 && layout.ConstantOf(TickField.Side) is null && !format.Rules.SideFromSize)
            yield return "no column is known to hold the side, so trades have none; Producer:Replay:Columns:Side names it";
    }
}
