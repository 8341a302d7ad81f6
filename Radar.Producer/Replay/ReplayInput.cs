using System.Text;
using Radar.Producer.Replay.Archives;
using Radar.ServiceDefaults;

namespace Radar.Producer.Replay;

/// <summary>
/// One recorded stream: a file or an entry of an archive, with compression seen through. It can be opened again and again.
/// </summary>
/// <param name="Path">Full path of the file.</param>
/// <param name="Entry">Its name in the archive, or null.</param>
/// <param name="Content">Opens the content as it is.</param>
/// <param name="Encoding">What the content is changed from to UTF-8, as its byte order mark shows, or null.</param>
/// <param name="IsNamed">A person named this very file; others were found in a folder or by a glob.</param>
/// <param name="Fault">Why it cannot be read, for people and without a full stop, or null.</param>
internal sealed record ReplayInput(
    string Path, string? Entry, Func<Stream> Content, Encoding? Encoding, bool IsNamed, string? Fault = null)
{
    /// <summary>The path as a person would write it: <c>trades.zip!20131007_aig_Trade_Tick.csv</c>.</summary>
    public string Name => Entry is null ? Path : $"{Path}!{Entry}";

    /// <summary>Name of the innermost file, without its folder.</summary>
    public string FileName => System.IO.Path.GetFileName(Entry is null ? Path : Entry[(Entry.LastIndexOf('!') + 1)..]);

    /// <summary>The inputs that one file holds: itself, or an archive's entries but hidden ones. Recognised by its first bytes.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, and a person named it; others have a fault.</exception>
    public static List<ReplayInput> Of(string path, bool isNamed)
    {
        if (SpecialFile.Fault(path) is { } fault)
            return [Faulty(path, fault, isNamed)];
        try
        {
            return [.. ArchiveTree.Leaves(path).Select(leaf =>
                new ReplayInput(path, leaf.Entry, leaf.Open, leaf.Encoding, isNamed, leaf.Fault))];
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return isNamed ? throw Unreadable(path, e) : [Faulty(path, Unreadable(e), isNamed)];
        }
    }

    /// <summary>What stands for a path that is not read.</summary>
    public static ReplayInput Faulty(string path, string fault, bool isNamed) =>
        new(path, null, () => throw new InvalidDataException(fault), null, isNamed, fault);

    /// <summary>Opens the content from its beginning.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read.</exception>
    public Stream Open()
    {
        try
        {
            var stream = Content();
            return Encoding is null ? stream : Encoding.CreateTranscodingStream(stream, Encoding, Encoding.UTF8);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw Unreadable(Name, e);
        }
    }

    /// <summary>True for what a damaged, missing or forbidden file throws.</summary>
    public static bool IsUnreadable(Exception e) => ArchiveTree.IsUnreadable(e);

    /// <summary>Why a file of a folder cannot be read, for people and without a full stop.</summary>
    public static string Unreadable(Exception e) => $"it cannot be read: {e.Message.TrimEnd('.')}";

    /// <summary>The error of a file that cannot be read, for people.</summary>
    public static ConfigurationException Unreadable(string path, Exception e) =>
        new($"Producer:Replay:Paths: {path} cannot be read: {e.Message}");
}
