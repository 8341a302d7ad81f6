using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Radar.Api.Freshness;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Streaming;

/// <summary>
/// One event as every client gets it, encoded once:
/// <code>
/// id: &lt;board version&gt;      sent apart, because what a client is safe to resume from depends on what else it is sent
/// event: ticker
/// data: {…}
///
/// </code>
/// </summary>
/// <param name="bytes">From <c>event:</c> to the empty line; or several events with their ids.</param>
/// <param name="pushes">Spans of the events in it that are traced.</param>
internal sealed class StreamFrame(byte[] bytes, params Activity[] pushes) : SharedBytes
{
    /// <summary>Objects around the bytes, about.</summary>
    private const int Overhead = 96;

    public static readonly byte[] IdPrefix = "id: "u8.ToArray();

    public ReadOnlyMemory<byte> Bytes => bytes;

    protected override long Size => bytes.Length + Overhead;

    public ReadOnlySpan<Activity> Pushes => pushes;

    /// <summary>The first client has it: the pushes end.</summary>
    public void Sent()
    {
        foreach (Activity push in pushes)
        {
            lock (push)
                push.Stop(); // again for every further client, which changes nothing; but two at once would end it twice
        }
    }

    public static StreamFrame Ticker(ReadOnlySpan<byte> latest, params Activity[] pushes) =>
        new([.. "event: ticker\ndata: "u8, .. StoredRecord.Public(latest), .. "\n\n"u8], pushes);

    public static StreamFrame Trade(string symbol, ReadOnlySpan<byte> trade, params Activity[] pushes) =>
        new(
        [
            .. "event: trade\ndata: {\"symbol\":\""u8, .. Encoding.UTF8.GetBytes(symbol), .. "\","u8, .. StoredRecord.Public(trade)[1..],
            .. "\n\n"u8,
        ], pushes);

    /// <param name="symbol">Normalized.</param>
    /// <param name="timeframe">The bar's.</param>
    /// <param name="bar">Bar record.</param>
    /// <param name="isNewest">False where a newer bar of the symbol was known before: this one is corrected.</param>
    /// <param name="pushes">As of <see cref="Pushes"/>.</param>
    public static StreamFrame Bar(
        string symbol, Timeframe timeframe, ReadOnlySpan<byte> bar, bool isNewest, params Activity[] pushes) =>
        new(
        [
            .. isNewest ? "event: bar\ndata: {\"symbol\":\""u8 : "event: updated_bar\ndata: {\"symbol\":\""u8,
            .. Encoding.UTF8.GetBytes(symbol),
            .. "\",\"timeframe\":\""u8, .. Encoding.ASCII.GetBytes(timeframe.Name), .. "\","u8, .. StoredRecord.Public(bar)[1..],
            .. "\n\n"u8,
        ], pushes);

    /// <param name="nowMs">Unix ms.</param>
    /// <param name="lagMs">Of the worst partition; null where one is unknown.</param>
    /// <param name="stale">The lag is unknown or too large.</param>
    /// <param name="incomplete">JSON array of integrity marks; null where there are none.</param>
    /// <param name="intervalMs">Time until the next one.</param>
    /// <param name="recordMs">Kafka timestamp of each partition's newest record, Unix ms; 0 where it has none.</param>
    public static StreamFrame Heartbeat(
        long nowMs, long? lagMs, bool stale, string? incomplete, int intervalMs, ImmutableArray<long> recordMs)
    {
        string lag = lagMs?.ToString(CultureInfo.InvariantCulture) ?? "null";
        string records = string.Join(',', recordMs.Select(static ms => ms > 0 ? $"\"{Rfc3339.Format(ms)}\"" : "null"));
        return new(Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"event: heartbeat\ndata: {{\"t\":\"{Rfc3339.Format(nowMs)}\",\"lag_ms\":{lag},\"stale\":{(stale ? "true" : "false")}"
                + $",\"interval_ms\":{intervalMs},\"record_times\":[{records}]{Meta.EndOf(incomplete)}\n\n")));
    }

    public static StreamFrame Reset(string reason) =>
        new(Encoding.ASCII.GetBytes($"event: reset\ndata: {{\"reason\":\"{reason}\"}}\n\n"));

    /// <param name="symbols">Normalized; a symbol has neither quotes nor escapes.</param>
    public static StreamFrame Unknown(IEnumerable<string> symbols) => new(Encoding.UTF8.GetBytes(
        "event: unknown\ndata: {\"symbols\":[\"" + string.Join("\",\"", symbols) + "\"]}\n\n"));

    public static StreamFrame Shutdown(int retryMs) => new(Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"retry: {retryMs}\nevent: shutdown\ndata: {{\"retry_ms\":{retryMs}}}\n\n")));
}
