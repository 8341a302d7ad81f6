using Radar.Api.Board;

namespace Radar.Api.Streaming;

/// <summary>What a client missed, from memory. It counts as waiting until the client has taken it.</summary>
internal sealed partial class StreamCatchUp
{
    /// <summary>Objects around the bytes of a ticker, about.</summary>
    private const int TickerOverhead = 200;

    /// <summary>Entries that are encoded before the client has to take them.</summary>
    private const int LotEntries = 256;

    /// <summary>Writes what a client missed that has joined.</summary>
    /// <exception cref="StreamBudgetException">Too much waits for all clients.</exception>
    public async Task ResumeAsync(StreamRequest request, StreamJoin join, BoardVersion from, StreamOutput output)
    {
        if (request.Channels == StreamChannels.OnlyTickers)
        {
            await TickersAsync(join.View, from, output);
            return;
        }

        if (hub.Budget.IsFull && join.Changes.Count > 0)
            throw new StreamBudgetException();
        foreach (StreamChange change in join.Changes)
            change.Hold(hub.Budget);
        int sent = 0;
        try
        {
            var at = from;
            var entries = new List<StreamEntry>();
            foreach (StreamChange change in join.Changes)
            {
                var reached = at.With(change.Partition, change.Change.Reached.Offset);
                var frames = new ChangeFrames(
                    change.Partition, change.Change, change.Effects, at, reached, from.Positions[change.Partition]);
                entries.AddRange(frames.For(request));
                at = reached;
                if (entries.Count >= LotEntries)
                {
                    await output.WriteAsync(entries);
                    entries.Clear();
                }

                change.Release(hub.Budget);
                sent++;
            }

            await output.WriteAsync(entries);
        }
        finally
        {
            foreach (StreamChange change in join.Changes.Skip(sent))
                change.Release(hub.Budget);
        }
    }

    /// <summary>The tickers that moved since: the newest of each, whatever was between.</summary>
    private async Task TickersAsync(BoardView moved, BoardVersion from, StreamOutput output)
    {
        long size = moved.Tickers.Sum(static ticker => ticker.Latest.Length + ticker.Day.Length + TickerOverhead);
        if (size == 0)
            return;
        if (!hub.Budget.TryHold(size))
            throw new StreamBudgetException();
        try
        {
            byte[] before = ChangeFrames.Id(from);
            for (int begin = 0; begin < moved.Tickers.Length; begin += LotEntries)
            {
                int end = Math.Min(begin + LotEntries, moved.Tickers.Length);
                var entries = new List<StreamEntry>(end - begin);
                for (int i = begin; i < end; i++)
                    entries.Add(new StreamEntry(StreamFrame.Ticker(moved.Tickers[i].Latest.Span), before));
                if (end == moved.Tickers.Length)
                    entries[^1] = entries[^1] with { Id = ChangeFrames.Id(moved.Version) };
                await output.WriteAsync(entries);
            }
        }
        finally
        {
            hub.Budget.Release(size);
        }
    }
}
