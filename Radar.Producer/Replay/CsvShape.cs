using System.Text;
using Radar.Market;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>Tells values from names, and formats without a header from each other.</summary>
internal static class CsvShape
{
    /// <summary>Whether each field of <paramref name="row"/> is of its kind; <see cref="Preset.Headerless"/> has the letters.</summary>
    public static bool Matches(string shape, IReadOnlyList<string> row)
    {
        if (row.Count != shape.Length)
            return false;
        for (int i = 0; i < shape.Length; i++)
        {
            string field = row[i].Trim();
            bool fits = shape[i] switch
            {
                'i' => field.Length > 0 && field.All(char.IsAsciiDigit),
                'd' => DecimalText.TryParse(Encoding.UTF8.GetBytes(field), out _),
                't' => DecimalText.TryParse(Encoding.UTF8.GetBytes(field), out _)
                    && EventTime.TryParse(Encoding.UTF8.GetBytes(field), out _),
                'b' => field.ToUpperInvariant() is "TRUE" or "FALSE" or "0" or "1",
                _ => true,
            };
            if (!fits)
                return false;
        }

        return true;
    }

    /// <summary>A number or a time, and so no name of a column.</summary>
    public static bool IsValue(string field)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(field.Trim());
        return NumberText.TryParse(utf8, NumberStyle.Point, out _) || EventTime.TryParse(utf8, out _)
            || EventTime.TryParseDate(utf8, out _) || EventTime.TryParseTimeOfDay(utf8, out _);
    }
}
