namespace Radar.Producer.Replay;

/// <summary>How a file is read, for people.</summary>
/// <param name="Format">What it is: <c>CSV with ','</c>.</param>
internal sealed record FormatDescription(string Format)
{
    /// <summary>Each field and what it is taken from.</summary>
    public IReadOnlyList<(string Field, string Source)> Fields { get; init; } = [];

    /// <summary>Columns or members that nothing is taken from.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];

    /// <summary>What is probably not meant, without full stops.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The fields on one line.</summary>
    public string FieldsLine => string.Join(", ", Fields.Select(taken => $"{taken.Field}: {taken.Source}"));

    /// <summary>What is not read, on one line.</summary>
    public string UnreadLine => Unread.Count == 0 ? "nothing" : CsvNames.Listed([.. Unread]);

    /// <summary>Equal for files that are read alike.</summary>
    public string Key => $"{Format}|{FieldsLine}|{UnreadLine}|{string.Join('|', Warnings)}";
}

/// <summary>A file whose format is known.</summary>
internal sealed record RecognisedFormat(OpenReader Open, FormatDescription Description);
