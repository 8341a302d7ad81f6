using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Radar.Api.Http.Page;

/// <summary>A file of the page.</summary>
/// <param name="Path">Where it is served.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record PageFile(string Path, byte[] Content)
{
    private const string Folder = "page/";

    /// <summary>Of its content, so that a new version of the program is seen at once and an old one is not sent again.</summary>
    public EntityTagHeaderValue Tag { get; } = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Content))[..16]}\"");

    public string ContentType { get; } = System.IO.Path.GetExtension(Path) switch
    {
        "" or ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" or ".mjs" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".txt" => "text/plain; charset=utf-8",
        string other => throw new InvalidOperationException($"{Path}: the page has no files that end in {other}."),
    };

    /// <summary>The same with an attribute of the document, by which it tells scripts and styles how this API is set.</summary>
    public PageFile With(string attribute) => Path != "/" ? this : new PageFile(Path, Encoding.UTF8.GetBytes(
        Encoding.UTF8.GetString(Content).Replace("<html ", $"<html {attribute} ", StringComparison.Ordinal)));

    /// <summary>All files; <c>index.html</c> is <c>/</c>, the others are below <c>/page/</c>.</summary>
    public static IEnumerable<PageFile> All()
    {
        var program = Assembly.GetExecutingAssembly();
        foreach (string name in program.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var resource = program.GetManifestResourceStream(name)!;
            byte[] content = new byte[resource.Length];
            resource.ReadExactly(content);
            yield return new PageFile(name == Folder + "index.html" ? "/" : "/" + name, content);
        }

        foreach (var file in ChartLibrary.Files())
            yield return file;
    }
}
