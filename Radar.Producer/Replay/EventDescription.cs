using System.Text.Json;

namespace Radar.Producer.Replay;

/// <summary>Describes a file of events: which members are read, and which are not.</summary>
internal static class EventDescription
{
    /// <summary>How events with other times than Unix ms are read, for people.</summary>
    public const string OtherTimes = "Producer:Replay:Columns:Timestamp=/timestamp reads Unix time in any unit, and dates";

    private static readonly string[] Members = ["symbol", "price", "timestamp", "size", "trade_id", "side", "venue"];

    /// <summary>The format of events.</summary>
    /// <param name="line">One that is an event.</param>
    /// <param name="open">Reads them.</param>
    public static RecognisedFormat Of(ReadOnlySpan<byte> line, OpenReader open)
    {
        using var document = JsonDocument.Parse(line.ToArray());
        string[] names = [.. document.RootElement.EnumerateObject().Select(member => member.Name)];
        string[] unread = [.. names.Except(Members).Select(name => "/" + name)];
        var warnings = new List<string>();
        if (document.RootElement.GetProperty("timestamp").TryGetInt64(out long firstMs)
            && TimeWarning.OfOld(firstMs, OtherTimes) is { } old)
            warnings.Add(old);
        if (!names.Contains("size") && unread.Length > 0)
        {
            warnings.Add($"no member holds the size of the first event, whose others are {CsvNames.Listed(unread)}; if one of them is the "
                + "size, name it with Producer:Replay:Columns:Size=/name");
        }

        return new RecognisedFormat(open, new FormatDescription("newline-delimited Radar events")
        {
            Fields = [.. Members.Where(names.Contains).Select(name => (name, "/" + name))],
            Unread = unread,
            Warnings = [.. warnings],
        });
    }
}
