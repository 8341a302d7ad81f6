using System.Text;
using CsvHelper;
using Radar.Producer.Mapping;

namespace Radar.Producer.Replay;

/// <summary>The first rows of a CSV file, by which its format is found.</summary>
/// <param name="First">The first row: a header, or values.</param>
/// <param name="Rows">Those behind it that have as many fields.</param>
/// <param name="Separator">Between fields.</param>
internal sealed record CsvSample(IReadOnlyList<string> First, IReadOnlyList<IReadOnlyList<string>> Rows, char Separator)
{
    /// <summary>Fields that a file of trades has at most; a line of millions would take minutes to look into.</summary>
    public const int ColumnsMax = 1000;

    /// <summary>Reads the rows of <paramref name="text"/>.</summary>
    public static CsvSample Of(byte[] text)
    {
        using var csv = CsvReader.Create(text, CsvTickReader.Options);
        csv.ReadHeader();
        string[] first = [.. csv.Headers];
        var rows = new List<IReadOnlyList<string>>();
        while (first.Length <= ColumnsMax && csv.Read())
        {
            if (csv.FieldCount != first.Length)
                continue;
            var row = new string[first.Length];
            for (int i = 0; i < row.Length; i++)
                row[i] = csv.GetString(i);
            rows.Add(row);
        }

        return new CsvSample(first, rows, csv.Separator);
    }

    /// <summary>All rows with values: the first one, too, where it is no header.</summary>
    public CsvSample WithFirstRow() => this with { Rows = [First, .. Rows] };

    /// <summary>How numbers in these columns are written; <c>Auto</c> where they do not show it.</summary>
    public NumberStyle StyleOf(params int[] columns)
    {
        var values = Values(columns).ToList();
        var shown = values.Select(value => NumberText.StyleShownBy(value)).ToHashSet();
        bool hasComma = shown.Contains(NumberStyle.Comma);
        if (shown.Contains(NumberStyle.Point) && hasComma)
            return NumberStyle.Auto;

        // 1.234 may be either, but is what a program writes that separates no thousands.
        bool hasPoint = values.Any(value => value.Contains((byte)'.') && !value.Contains((byte)','));
        return hasComma ? NumberStyle.Comma : hasPoint || shown.Contains(NumberStyle.Point) ? NumberStyle.Point : NumberStyle.Auto;
    }

    /// <summary>Whether a column holds times without an offset, which are of an unknown zone.</summary>
    public bool HasLocalTimes(int column, DateOrder order) => Values(column).Any(value =>
        EventTime.TryParseTimeOfDay(value, out _, out bool hasOffset) ? !hasOffset
            : EventTime.TryParse(value, order, out _, out bool isAbsolute) && !isAbsolute);

    /// <summary>Whether a column holds times of day only.</summary>
    public bool HasTimesOfDay(int column)
    {
        var values = Values(column).ToList();
        return values.Count > 0 && values.All(value => EventTime.TryParseTimeOfDay(value, out _));
    }

    /// <summary>The first time that can be read, Unix ms; -1 where there is none.</summary>
    public long FirstTime(CsvLayout layout, TimeText text)
    {
        foreach (var row in Rows)
        {
            var date = layout.ConstantOf(TickField.Date) is { } day ? Scalar.OfText(day) : Field(row, layout[TickField.Date]);
            if (text.TryRead(date, Field(row, layout[TickField.Time]), out long unixMs))
                return unixMs;
        }

        return -1;
    }

    /// <summary>Whether a column holds dates, and none of them with a time of day.</summary>
    public bool HasDatesOnly(int column, DateOrder order)
    {
        var values = Values(column).ToList();
        return values.Count > 0 && values.All(value => CalendarTime.TryParseDate(value, order, out _));
    }

    /// <summary>Whether every value of a column is known to <paramref name="names"/>, and there is one.</summary>
    public bool Holds(int column, SideNames names)
    {
        var values = Values(column).ToList();
        return values.Count > 0 && values.All(value => names.TryFind(value, out _));
    }

    /// <summary>Whether <paramref name="column"/> is the price times <paramref name="other"/> in every row, and so the turnover.</summary>
    public bool IsTurnover(int column, int price, int other)
    {
        int compared = 0;
        foreach (var row in Rows)
        {
            if (!TryNumber(row[column], out decimal turnover) || !TryNumber(row[price], out decimal rate)
                || !TryNumber(row[other], out decimal size) || turnover <= 0 || size <= 0 || rate is > 0.98m and < 1.02m)
                continue;
            decimal ratio = turnover / size / rate;
            if (ratio is < 0.995m or > 1.005m)
                return false;
            compared++;
        }

        return compared > 0;
    }

    private static Scalar Field(IReadOnlyList<string> row, int column) =>
        column < 0 ? default : Scalar.OfText(Encoding.UTF8.GetBytes(row[column].Trim()));

    private static bool TryNumber(string text, out decimal value) =>
        NumberText.TryParse(Encoding.UTF8.GetBytes(text.Trim()), NumberStyle.Auto, out value) && value is > -1e12m and < 1e12m;

    private IEnumerable<byte[]> Values(params int[] columns) =>
        from row in Rows
        from column in columns
        where column >= 0 && !string.IsNullOrWhiteSpace(row[column])
        select Encoding.UTF8.GetBytes(row[column].Trim());
}
