using System.Text.Json;

namespace Radar.Producer.Replay;

/// <summary>Describes a file of events: which members are read, and which are not.</summary>
internal static class EventDescription
{
    private static readonly string[] Members = ["symbol", "price", "timestamp", "size", "trade_id", "side", "venue"];

    /// <summary>The format of events.</summary>
    /// <param name="line">One that is an event.</param>
    /// <param name="open">Reads them.</param>
    public static RecognisedFormat Of(ReadOnlySpan<byte> line, OpenReader open)
    {
        using var document = JsonDocument.Parse(line.ToArray());
        string[] names = [.. document.RootElement.EnumerateObject().Select(member => member.Name)];
        string[] unread = [.. names.Except(Members).Select(name => "/" + name)];
        bool warns = !names.Contains("size") && unread.Length > 0;
        return new RecognisedFormat(open, new FormatDescription("newline-delimited Radar events")
        {
            Fields = [.. Members.Where(names.Contains).Select(name => (name, "/" + name))],
            Unread = unread,
            Warnings = !warns ? [] :
            [
                $"no member holds the size of the first event, whose others are {CsvNames.Listed(unread)}; if one of them is the size, "
                    + "name it with Producer:Replay:Columns:Size=/name",
            ],
        });
    }
}
