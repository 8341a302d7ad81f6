using System.IO.Pipelines;
using Radar.Api.Streaming;

namespace Radar.Tests.Api.Streaming;

/// <summary>A connection that holds as much as the server's, and is read by the test.</summary>
internal sealed class PipedBody
{
    private readonly CancellationTokenSource _aborted = new();

    public Pipe Pipe { get; } = new(new PipeOptions(
        pauseWriterThreshold: 64 * 1024, resumeWriterThreshold: 32 * 1024, useSynchronizationContext: false));

    /// <summary>What the server writes with.</summary>
    public StreamOutput Output(int timeoutMs, TimeProvider time) =>
        new(Pipe.Writer, _aborted.Cancel, timeoutMs, StreamBudget.Unlimited, time, _aborted.Token);
}
