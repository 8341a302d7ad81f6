using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Radar.Api.Streaming;
using StreamOutput = Radar.Api.Streaming.StreamOutput;

namespace Radar.Tests.Api.Streaming;

/// <summary>A connection that holds as much as the server's, and is read by the test.</summary>
internal sealed class PipedBody : IHttpResponseBodyFeature
{
    public Pipe Pipe { get; } = new(new PipeOptions(pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false));

    PipeWriter IHttpResponseBodyFeature.Writer => Pipe.Writer;

    Stream IHttpResponseBodyFeature.Stream => Pipe.Writer.AsStream();

    /// <summary>What the server writes with.</summary>
    public StreamOutput Writer(int timeoutMs, TimeProvider time)
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IHttpResponseBodyFeature>(this);
        return new StreamOutput(context, timeoutMs, StreamBudget.Unlimited, time);
    }

    void IHttpResponseBodyFeature.DisableBuffering()
    {
    }

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    Task IHttpResponseBodyFeature.CompleteAsync() => Task.CompletedTask;
}
