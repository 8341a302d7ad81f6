using System.Security.Cryptography;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Radar.Api.Http.OpenApi;

/// <summary>
/// The API's document as bytes, made when the first request asks for it and the same for all: making it takes longer than a thousand reads.
/// </summary>
internal sealed class DocumentBytes([FromKeyedServices(DocumentBytes.Name)] IOpenApiDocumentProvider documents)
{
    public const string Name = "v1";

    private readonly Lock _lock = new();
    private Task<ServedDocument>? _served;

    /// <summary>Concurrent callers share one making; one that failed is made again.</summary>
    public Task<ServedDocument> GetAsync()
    {
        lock (_lock)
        {
            if (_served is null or { IsFaulted: true })
                _served = Task.Run(MakeAsync);
            return _served;
        }
    }

    private async Task<ServedDocument> MakeAsync()
    {
        var document = await documents.GetOpenApiDocumentAsync();
        using var bytes = new MemoryStream();
        await document.SerializeAsJsonAsync(bytes, OpenApiSpecVersion.OpenApi3_0); // what most client generators understand
        return new ServedDocument(bytes.ToArray());
    }
}

/// <summary>What is served.</summary>
internal sealed record ServedDocument(byte[] Content)
{
    /// <summary>Of its content.</summary>
    public EntityTagHeaderValue Tag { get; } = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Content))[..16]}\"");
}
