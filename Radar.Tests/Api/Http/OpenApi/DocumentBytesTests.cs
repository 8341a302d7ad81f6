using System.Net;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;
using Radar.Api.Http.OpenApi;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Http.OpenApi;

/// <summary>The document is made once, however many ask for it, and not sent to who has it.</summary>
public sealed class DocumentBytesTests
{
    [Fact]
    public async Task Many_who_ask_at_once_get_one_document()
    {
        var provider = new Provider();
        var documents = new DocumentBytes(provider);
        var asked = Enumerable.Range(0, 50).Select(_ => documents.GetAsync()).ToList();
        provider.Go.SetResult();

        var served = await Task.WhenAll(asked).WaitAsync(Wait.Limit);
        Assert.Same(served[0], await documents.GetAsync());

        Assert.Single(served.Distinct());
        Assert.Equal(1, provider.Made);
    }

    [Fact]
    public async Task Document_that_could_not_be_made_is_made_again()
    {
        var provider = new Provider { Fails = true };
        var documents = new DocumentBytes(provider);
        provider.Go.SetResult();
        await Assert.ThrowsAsync<InvalidOperationException>(documents.GetAsync);

        provider.Fails = false;

        Assert.NotEmpty((await documents.GetAsync()).Content);
    }

    [Fact]
    public async Task Who_has_the_document_gets_304()
    {
        using var redis = EmbeddedRedis.Start();
        await using var world = await ApiWorld.StartAsync(redis.Address, kafka: null);
        using var first = await world.Http.GetAsync("/openapi/v1.json");
        Assert.Equal((HttpStatusCode.OK, "application/json"), (first.StatusCode, first.Content.Headers.ContentType!.MediaType));
        Assert.NotNull(first.Headers.ETag);

        using var request = new HttpRequestMessage(HttpMethod.Get, "/openapi/v1.json");
        request.Headers.IfNoneMatch.Add(first.Headers.ETag);
        using var again = await world.Http.SendAsync(request);
        using var head = await world.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/openapi/v1.json"));
        using var other = await world.Http.GetAsync("/openapi/v2.json");

        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Equal((first.Headers.ETag, first.Content.Headers.ContentLength), (head.Headers.ETag, head.Content.Headers.ContentLength));
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    private sealed class Provider : IOpenApiDocumentProvider
    {
        private int _made;

        public int Made => _made;

        public bool Fails { get; set; }

        public TaskCompletionSource Go { get; } = new();

        public async Task<OpenApiDocument> GetOpenApiDocumentAsync(CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _made);
            await Go.Task;
            return Fails ? throw new InvalidOperationException("no")
                : new OpenApiDocument { Info = new OpenApiInfo { Title = "T", Version = "1" }, Paths = [] };
        }
    }
}
