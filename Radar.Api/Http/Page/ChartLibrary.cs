using System.Formats.Tar;
using System.IO.Compression;
using System.Reflection;
using System.Text;

namespace Radar.Api.Http.Page;

/// <summary>
/// The chart library as npm publishes it: a tar archive in gzip, embedded by <c>ChartLibrary.targets</c>. Read here rather than by the
/// build, since MSBuild cannot read tar and not every machine has a program that does.
/// </summary>
internal static class ChartLibrary
{
    private const string Package = "lightweight-charts.tgz";
    private const string Module = "package/dist/lightweight-charts.standalone.production.mjs";
    private const string License = "package/LICENSE";

    /// <summary>The module and its licence; a module that exports nothing where the build could not get the library.</summary>
    public static IEnumerable<PageFile> Files()
    {
        using var package = Assembly.GetExecutingAssembly().GetManifestResourceStream(Package);
        return Read(package);
    }

    /// <summary>Reads the files that the page needs from the package, null where there is none.</summary>
    internal static IReadOnlyList<PageFile> Read(Stream? package)
    {
        const string path = "/page/lightweight-charts.mjs";
        if (package is null)
            return [new PageFile(
                path, Encoding.UTF8.GetBytes("// The chart library was not there when this program was built.\nexport {};\n"))];

        using var tar = new TarReader(new GZipStream(package, CompressionMode.Decompress));
        var entries = new Dictionary<string, byte[]>();
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry is not { Name: Module or License, DataStream: { } data })
                continue;
            var content = new MemoryStream();
            data.CopyTo(content);
            entries[entry.Name] = content.ToArray();
        }

        return [new PageFile(path, entries[Module]), new PageFile("/page/lightweight-charts.LICENSE.txt", entries[License])];
    }
}
