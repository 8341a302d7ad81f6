using System.Globalization;
using System.Text;
using Radar.Api.Board;
using Radar.Market;
using Radar.Market.Projection;
using Radar.Market.Store;

namespace Radar.Api.Http.Control;

/// <summary>One part of the API's answers held against the log: counts, and the first differences in words.</summary>
internal sealed class Comparison(string what, AnswerVersion version, int answered)
{
    private const int ShownMax = 5;

    private readonly List<string> _differences = [];
    private int _count;

    /// <summary>Items of the answer that are as the log has them.</summary>
    public int Equal { get; private set; }

    /// <summary>Items that go back to records which the log no longer has.</summary>
    public int Unverifiable { get; private set; }

    /// <summary>True where nothing differs.</summary>
    public bool IsEqual => _count == 0;

    /// <summary>The first differences, each a line of Markdown.</summary>
    public IReadOnlyList<string> Differences => _differences;

    /// <summary>A row of the table.</summary>
    public string Row
    {
        get
        {
            string result = IsEqual ? "equal" : string.Create(CultureInfo.InvariantCulture, $"**{_count} different**");
            string rest = Unverifiable > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {Unverifiable} older than the log") : "";
            return string.Create(CultureInfo.InvariantCulture, $"| {what} | `{version}` | {answered} | {Equal} | {result}{rest} |");
        }
    }

    /// <summary>The latest trade.</summary>
    /// <param name="fold">The log up to the version.</param>
    /// <param name="latest">The answer's record.</param>
    /// <param name="begin">Where the log begins.</param>
    public void Latest(SymbolFold fold, ReadOnlyMemory<byte> latest, long begin)
    {
        long offset = StoredRecord.Order(latest.Span).Offset;
        if (fold.LatestJson() is { } expected && expected.AsSpan().SequenceEqual(StoredRecord.Public(latest.Span)))
            Equal++;
        else if (offset < begin)
            Unverifiable++;
        else
            Differ($"offset {offset}", latest, fold.LatestJson());
    }

    /// <summary>The trades that are kept; both in offset order.</summary>
    public void Trades(SymbolFold fold, IReadOnlyList<ReadOnlyMemory<byte>> trades, long begin)
    {
        var expected = fold.TradesJson().ToDictionary(trade => trade.Offset, trade => trade.Trade);
        foreach (var trade in trades)
        {
            long offset = StoredRecord.Order(trade.Span).Offset;
            if (offset < begin)
                Unverifiable++;
            else if (expected.Remove(offset, out byte[]? same) && same.AsSpan().SequenceEqual(StoredRecord.Public(trade.Span)))
                Equal++;
            else
                Differ($"offset {offset}", trade, same);
        }

        foreach (var (offset, trade) in expected)
            Differ($"offset {offset}", null, trade);
    }

    /// <summary>The bars of a timeframe. A bar that counts more trades than the log still has cannot be checked.</summary>
    public void Bars(SymbolFold fold, Timeframe timeframe, IReadOnlyList<ReadOnlyMemory<byte>> bars, long begin)
    {
        var expected = fold.BarsJson(timeframe).ToDictionary(bar => bar.OpenTime);
        foreach (var bar in bars)
        {
            long openTime = StoredRecord.OpenTime(bar.Span);
            bool known = expected.Remove(openTime, out var same);
            if (known && same.Bar.AsSpan().SequenceEqual(StoredRecord.Public(bar.Span)))
                Equal++;
            else if (begin > 0 && StoredRecord.Count(bar.Span) > same.Count)
                Unverifiable++;
            else
                Differ(Rfc3339.Format(openTime), bar, same.Bar);
        }

        foreach (var (openTime, bar) in expected)
            Differ(Rfc3339.Format(openTime), null, bar.Bar);
    }

    private void Differ(string which, ReadOnlyMemory<byte>? answer, byte[]? log)
    {
        if (_count++ < ShownMax)
            _differences.Add($"- {what}, {which}: API {Text(answer is { } record ? StoredRecord.Public(record) : null)}, log {Text(log)}");
    }

    private static string Text(ReadOnlyMemory<byte>? json) => json is { IsEmpty: false } some ? $"`{Encoding.UTF8.GetString(some.Span)}`"
        : "nothing";
}
