using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Client;

/// <summary>What <c>dotnet pack Radar.Client</c> makes, of the build that is tested.</summary>
public sealed class PackageTests
{
    [Fact]
    public async Task Package_has_its_documents_and_says_what_it_is_and_symbols_are_beside_it()
    {
        string folder = Directory.CreateTempSubdirectory("radar-package-").FullName;
        try
        {
            await PackAsync(folder);

            using var package = ZipFile.OpenRead(Directory.GetFiles(folder, "*.nupkg").Single());
            string[] files = [.. package.Entries.Select(entry => entry.FullName)];
            foreach (string file in new[] { "README.md", "lib/net10.0/Radar.Client.dll", "lib/net10.0/Radar.Client.xml" })
                Assert.Contains(file, files);
            Assert.DoesNotContain(files, file => file.EndsWith(".pdb", StringComparison.Ordinal));
            var about = XDocument.Load(await package.GetEntry("Radar.Client.nuspec")!.OpenAsync());
            Assert.Equal("MIT", Of(about, "license"));
            Assert.Equal("README.md", Of(about, "readme"));
            Assert.All(["description", "tags", "authors", "copyright"], name => Assert.NotEqual("", Of(about, name)));
            Assert.Equal("git", (string?)About(about, "repository").Attribute("type"));
            Assert.NotEmpty((string?)About(about, "repository").Attribute("commit") ?? "");

            // It needs no other project, and nothing that only builds it.
            Assert.All(about.Descendants().Where(element => element.Name.LocalName == "dependency"), dependency =>
                Assert.StartsWith("Microsoft.Extensions.", (string)dependency.Attribute("id")!, StringComparison.Ordinal));

            using var symbols = ZipFile.OpenRead(Directory.GetFiles(folder, "*.snupkg").Single());
            Assert.Contains(symbols.Entries, entry => entry.FullName == "lib/net10.0/Radar.Client.pdb");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Of(XDocument about, string name) => About(about, name).Value;

    private static XElement About(XDocument about, string name) => about.Descendants().Single(element => element.Name.LocalName == name);

    private static async Task PackAsync(string folder)
    {
        string configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)))!;
        var info = new ProcessStartInfo(
            "dotnet", ["pack", Repository.File("Radar.Client"), "--no-build", "--configuration", configuration, "--output", folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(info)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(Wait.Limit);
        await process.WaitForExitAsync().WaitAsync(Wait.Limit);
        Assert.True(process.ExitCode == 0, output + await errors);
    }
}
