using System.Globalization;
using System.Text;
using Radar.Api.Http.Endpoints;
using Radar.Api.Http.Requests;
using Radar.Market.Store;
using StackExchange.Redis;

namespace Radar.Tests.Api.Http.Endpoints;

/// <summary>A page reads no more than it takes, and is what it would be if everything was read.</summary>
public sealed class TradePageTests
{
    private const int Retained = 1000;

    private readonly Random _random = new(10);

    [Theory]
    [InlineData(1, 16)]
    [InlineData(15, 16)]
    [InlineData(100, 101)]
    [InlineData(1000, 1001)]
    public async Task Newest_trades_cost_what_is_asked_for(int limit, int expected)
    {
        var (page, counts) = await ReadAsync(
            Records(Retained, 0), new PagedQuery("trades", "A", 0, long.MaxValue, Descending: true, null), null, limit);

        Assert.Equal([expected], counts);
        Assert.Equal(limit, page.Items.Count);
        Assert.Equal(limit < Retained ? Retained - limit : null, page.Last);
    }

    [Fact]
    public async Task Page_is_what_it_would_be_if_everything_was_read()
    {
        int less = 0;
        for (int i = 0; i < 3000; i++)
        {
            int kept = _random.Next(3) == 0 ? _random.Next(20) : _random.Next(1500);
            var records = Records(kept, disorderMs: _random.Next(2) * 5000);
            long startMs = _random.Next(2) == 0 ? 0 : _random.Next(kept * 1000),
            endMs = _random.Next(2) == 0 ? long.MaxValue : _random.Next(kept * 1000);
            var query = new PagedQuery("trades", "A", startMs, endMs, _random.Next(2) == 0, null);
            long? behind = _random.Next(2) == 0 ? null : _random.Next(kept + 1);
            int limit = _random.Next(2) == 0 ? 1 + _random.Next(5) : 1 + _random.Next(1200);

            var (page, counts) = await ReadAsync(records, query, behind, limit);

            var whole = TradePage.Of(new SymbolRecords(null, new(records)), query, behind, limit);
            Assert.Equal(Texts(whole), Texts(page));
            Assert.Equal(whole.Last, page.Last);
            Assert.True(counts.SkipLast(1).Sum() <= (kept * 8 / 7) + 1, $"{string.Join(", ", counts)} of {kept}");
            less += counts[^1] < kept ? 1 : 0;
        }

        Assert.InRange(less, 500, 2900);
    }

    /// <summary>Reads as Redis would, and notes how many were asked for each time.</summary>
    private static async Task<(TradePage Page, List<int> Counts)> ReadAsync(RedisValue[] records, PagedQuery query, long? behind, int limit)
    {
        var counts = new List<int>();
        var page = await TradePage.ReadAsync(query, behind, limit, count =>
        {
            counts.Add(count);
            return Task.FromResult(new SymbolRecords(
                null, new(query.Descending ? [.. records.TakeLast(count)] : [.. records.Take(count)])));
        });
        return (page, counts);
    }

    private RedisValue[] Records(int count, int disorderMs) =>
        [.. Enumerable.Range(0, count).Select(offset => (RedisValue)Encoding.ASCII.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"p\":{offset}}}\n{(offset * 1000) + (disorderMs == 0 ? 0 : _random.Next(-disorderMs, disorderMs))} {offset}")))];

    private static string[] Texts(TradePage page) => [.. page.Items.Select(item => Encoding.ASCII.GetString(item.Span))];
}
