namespace Radar.Producer.Replay.Archives;

/// <summary>A file in an archive.</summary>
/// <param name="Name">With its folders.</param>
/// <param name="Open">Opens it from its beginning, again and again.</param>
/// <param name="Fault">Why it cannot be opened, for people and without a full stop, or null.</param>
internal sealed record ArchiveEntry(string Name, Func<Stream> Open, string? Fault = null)
{
    /// <summary>An archive with more files is refused: each costs memory.</summary>
    public const int EntriesMax = 1_000_000;

    /// <summary>As hidden files of a folder are; <c>__MACOSX</c> holds what macOS adds to each file that it packs.</summary>
    public static bool IsHidden(string name) =>
        name.Split('/', '\\').Any(part => part == "__MACOSX" || (part.StartsWith('.') && part.Trim('.').Length > 0));

    /// <summary>An entry that stands for what cannot be read.</summary>
    public static ArchiveEntry Faulty(string name, string fault) => new(name, () => throw new InvalidDataException(fault), fault);
}
