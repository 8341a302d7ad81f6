using Microsoft.Extensions.Time.Testing;
using Radar.Api.Streaming;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Api.Streaming;

/// <summary>A client that takes what it is sent is not cut off, however much it is; one that takes nothing is.</summary>
public sealed class StreamOutputTests
{
    private const int TimeoutMs = 10_000;
    private const int EntryBytes = 1024 * 1024;
    private const int PartBytes = 64 * 1024;

    private readonly FakeTimeProvider _time = new();
    private readonly PipedBody _body = new();
    private readonly StreamOutput _output;

    public StreamOutputTests() => _output = _body.Output(TimeoutMs, _time);

    [Fact]
    public async Task Client_that_takes_a_large_entry_slowly_gets_all_of_it()
    {
        var writing = _output.WriteAsync([Entry('a'), Entry('b')]);

        int taken = 0;
        while (taken < 2 * EntryBytes)
        {
            // No single part takes too long, but all of them together do, many times over.
            var read = await _body.Pipe.Reader.ReadAsync().AsTask().WaitAsync(Wait.Limit);
            _time.Advance(TimeSpan.FromMilliseconds(TimeoutMs - 1));
            var part = read.Buffer.Slice(0, Math.Min(read.Buffer.Length, PartBytes));
            foreach (var segment in part)
            {
                foreach (byte letter in segment.Span)
                    Assert.Equal(taken++ < EntryBytes ? 'a' : 'b', (char)letter);
            }

            Assert.False(writing.IsFaulted || writing.IsCanceled, $"It was cut off after {taken} bytes.");
            _body.Pipe.Reader.AdvanceTo(part.End);
        }

        await writing.WaitAsync(Wait.Limit);
    }

    [Fact]
    public async Task Client_that_takes_nothing_is_cut_off()
    {
        var writing = _output.WriteAsync([Entry('a')]);

        await Wait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(TimeoutMs));
                return writing.IsCompleted;
            },
            "it is cut off");

        await Assert.ThrowsAsync<OperationCanceledException>(() => writing);
    }

    private static StreamEntry Entry(char letter) => new(new StreamFrame([.. Enumerable.Repeat((byte)letter, EntryBytes)]), []);
}
