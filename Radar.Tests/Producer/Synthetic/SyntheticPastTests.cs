using System.Buffers;
using Microsoft.Extensions.Hosting;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Synthetic;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Synthetic;

public sealed class SyntheticPastTests
{
    private const long MinuteMs = 60_000;
    private const int DayMinutes = 24 * 60;

    /// <summary>12:00:00.000 UTC, a moment in a minute, and the end of one.</summary>
    [Theory]
    [InlineData(1_723_204_800_000)]
    [InlineData(1_723_204_831_234)]
    [InlineData(1_723_204_859_999)]
    public void Every_minute_of_the_day_before_has_trades_of_each_symbol(long nowMs)
    {
        var ticks = Past(nowMs: nowMs);

        Assert.All(ticks, tick => Assert.True(tick.TimestampMs < nowMs));
        Assert.Equal(6, ticks.Select(tick => tick.Symbol).Distinct().Count());
        var expected = Enumerable.Range(0, DayMinutes).Select(minute => (nowMs / MinuteMs) - 1 - minute).Order();
        Assert.All(ticks.GroupBy(tick => tick.Symbol), symbol => Assert.Empty(
            expected.Except(symbol.Select(tick => tick.TimestampMs / MinuteMs))));
    }

    [Fact]
    public void Times_never_go_back_and_ids_count_from_one() => Assert.Multiple(
        () => Assert.Equal(Past().Select(tick => tick.TimestampMs).Order(), Past().Select(tick => tick.TimestampMs)),
        () => Assert.All(Past().GroupBy(tick => tick.Symbol), symbol => Assert.Equal(
            Enumerable.Range(1, symbol.Count()).Select(i => (long?)i), symbol.Select(tick => tick.TradeId.Number))));

    [Fact]
    public void One_seed_gives_one_past_however_it_is_cut_and_whenever_it_ends()
    {
        Assert.Equal(Past(), Past(step: 13));
        Assert.Equal(
            Past().Select(tick => tick with { TimestampMs = 0 }),
            Past(nowMs: 1_800_000_012_345).Select(tick => tick with { TimestampMs = 0 }));
        Assert.NotEqual(Past().Select(tick => tick.Price), Past(seed: 2).Select(tick => tick.Price));
    }

    [Fact]
    public void It_ends_at_the_prices_at_which_the_live_ticks_begin()
    {
        var options = new SyntheticOptions();
        var symbols = SyntheticSymbol.All(options);
        var ticks = Past();
        var market = new SyntheticMarket(options.Seed, symbols);
        market.BeginAfter(ticks.Count / symbols.Length);
        var live = new Tick[500];
        market.Make(live, 1);

        Assert.All(symbols, symbol =>
        {
            var last = ticks.FindLast(tick => tick.Symbol == symbol.Name);
            var first = live.First(tick => tick.Symbol == symbol.Name);
            Assert.Equal(DecimalText.FromDigits(symbol.PriceTicks, symbol.PriceScale), last.Price);
            Assert.InRange(Math.Abs((first.Price / last.Price) - 1), 0, 0.001m);
            Assert.Equal(last.TradeId.Number + 1, first.TradeId.Number);
        });
    }

    [Fact]
    public void Day_is_plausible()
    {
        var names = new NameTable();
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var tick in Past())
        {
            buffer.ResetWrittenCount();
            TickCodec.Write(buffer, tick);
            Assert.Equal(TickRefusal.None, TickCodec.TryRead(buffer.WrittenSpan, names, out var read));
            Assert.Equal(tick, read);
            Assert.True(tick.Size > 0);
        }

        Assert.All(Past().GroupBy(tick => tick.Symbol), symbol =>
        {
            var prices = symbol.Select(tick => tick.Price).ToList();
            Assert.InRange(prices.Max() / prices.Min(), 1.005m, 1.3m);
            Assert.InRange(symbol.Count(tick => tick.Side == Side.Buy) / (double)prices.Count, 0.45, 0.55);
        });
    }

    [Theory]
    [InlineData(1, DayMinutes)]
    [InlineData(138, DayMinutes)]
    [InlineData(1_000, 199)]
    [InlineData(100_000, 1)]
    public void Many_symbols_have_fewer_trades_and_then_fewer_minutes(int symbols, int minutes)
    {
        var options = new SyntheticOptions { SymbolCount = symbols };
        var past = new SyntheticPast(SyntheticSymbol.All(options), options, DayMinutes, 1_723_204_800_000);

        Assert.Equal(minutes, past.Minutes);
        Assert.InRange(past.TicksPerSymbol * symbols, 1, 200_000);
        Assert.True(past.TicksPerSymbol >= minutes);
    }

    [Fact]
    public async Task Topic_gets_its_past_once_and_a_producer_that_starts_again_goes_on()
    {
        const int PastTicks = 11 * 4 * 6; // ten minutes, and the one that is not over
        await using var kafka = new ProducerHost();
        string[] settings = ["Producer:Synthetic:Rate=0", "Producer:Synthetic:Count=5", "Producer:Synthetic:PastMinutes=10"];
        foreach (int sent in new[] { PastTicks + 5, 5 })
        {
            var host = kafka.Build(settings);
            await host.StartAsync();
            await Wait.UntilAsync(() => ProducerHost.Metrics(host).Acknowledged >= sent, "all ticks are acknowledged");
            await host.StopAsync();
            Assert.Equal(sent, ProducerHost.Metrics(host).Acknowledged);
        }

        Assert.Equal(PastTicks + 10, (await kafka.ConsumeAsync(PastTicks + 10)).Count);
    }

    private static List<Tick> Past(int seed = 1, long nowMs = 1_723_204_831_234, int step = 512)
    {
        var options = new SyntheticOptions { Seed = seed };
        var past = new SyntheticPast(SyntheticSymbol.All(options), options, DayMinutes, nowMs);
        var ticks = new List<Tick>();
        var part = new Tick[step];
        for (int count = past.ReadNext(part); count > 0; count = past.ReadNext(part))
            ticks.AddRange(part[..count]);
        return ticks;
    }
}
