using System.Buffers;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Synthetic;

namespace Radar.Tests.Producer.Synthetic;

public sealed class SyntheticTickSourceTests
{
    [Fact]
    public void One_seed_gives_one_sequence_however_it_is_cut() => Assert.Equal(Make(7, 5_000, 5_000), Make(7, 5_000, 13));

    [Fact]
    public void Sequence_of_a_seed_is_the_same_on_every_machine()
    {
        // Recorded once; a change of these lines is a change of what users see for their seed.
        Assert.Equal(
            Recorded,
            Make(1, 5, 5)
                .Select(tick => FormattableString.Invariant($"{tick.Symbol} {tick.Price} {tick.Size} {tick.TradeId} {tick.Side}")));
    }

    [Fact]
    public void Another_seed_gives_another_sequence() => Assert.NotEqual(Make(1, 100, 100), Make(2, 100, 100));

    [Fact]
    public void Market_is_plausible()
    {
        var ticks = Make(1, 200_000, 512);
        var names = new NameTable();
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var tick in ticks)
        {
            buffer.ResetWrittenCount();
            TickCodec.Write(buffer, tick);
            Assert.Equal(TickRefusal.None, TickCodec.TryRead(buffer.WrittenSpan, names, out var read));
            Assert.Equal(tick, read);
            Assert.True(tick.Size > 0);
        }

        var symbols = ticks.GroupBy(tick => tick.Symbol).OrderByDescending(symbol => symbol.Count()).ToList();
        Assert.Equal(["BTCUSDT", "ETHUSDT", "SOLUSDT", "BNBUSDT", "XRPUSDT", "ADAUSDT"], symbols.Select(symbol => symbol.Key));
        Assert.InRange(symbols[0].Count() / (double)symbols[1].Count(), 1.9, 2.1); // Zipf: the second trades half as much
        Assert.All(symbols, symbol =>
        {
            var prices = symbol.Select(tick => tick.Price).ToList();
            Assert.True(prices.Distinct().Count() > 20, $"{symbol.Key} does not walk");
            Assert.InRange(prices.Max() / prices.Min(), 1.0001m, 4m);
            Assert.All(prices.Zip(prices.Skip(1)), pair => Assert.InRange(Math.Abs(pair.Second / pair.First - 1), 0, 0.001m));
            Assert.Equal(Enumerable.Range(1, prices.Count).Select(i => (long?)i), symbol.Select(tick => tick.TradeId.Number));
            Assert.InRange(symbol.Count(tick => tick.Side == Side.Buy) / (double)prices.Count, 0.45, 0.55);
        });
    }

    [Fact]
    public void Hundred_thousand_symbols_have_names_of_their_own()
    {
        var symbols = SyntheticSymbol.All(new SyntheticOptions { SymbolCount = 100_000 });

        Assert.Equal(100_000, symbols.Select(symbol => symbol.Name).Distinct().Count());
        Assert.All(symbols, symbol => Assert.True(SymbolRule.Upper.TryNormalize(symbol.Name, out string name) && name == symbol.Name));
    }

    [Theory]
    [InlineData(1, 10, 10)]
    [InlineData(50, 1, 50)]
    [InlineData(1_000_000, 0.01, 10_000)]
    [InlineData(3, 100, 300)] // a third of a second is no round number: no drift
    public async Task Rate_is_kept_without_drift(double rate, double seconds, int expected)
    {
        var time = new FakeTimeProvider();
        var source = Source(time, options => options.Rate = rate);
        var ticks = new Tick[512];
        var end = time.GetUtcNow() + TimeSpan.FromSeconds(seconds);
        int total = 0;
        while (true)
        {
            var read = source.ReadAsync(ticks, default).AsTask();
            while (!read.IsCompleted && time.GetUtcNow() < end)
                time.Advance(TimeSpan.FromMilliseconds(Math.Min(1, (end - time.GetUtcNow()).TotalMilliseconds)));
            if (!read.IsCompleted)
                break;
            total += await read;
        }

        Assert.InRange(total, expected, expected + 1); // the first one is due at once
    }

    [Fact]
    public async Task Machine_that_slept_does_not_make_up_for_all_of_it()
    {
        var time = new FakeTimeProvider();
        var source = Source(time, options => options.Rate = 10_000);
        var ticks = new Tick[512];
        await source.ReadAsync(ticks, default);
        time.Advance(TimeSpan.FromHours(1));

        int total = 0;
        for (var read = source.ReadAsync(ticks, default); read.IsCompleted; read = source.ReadAsync(ticks, default))
            total += await read;

        Assert.InRange(total, 1, 10_000);
    }

    [Fact]
    public async Task Source_ends_at_its_count()
    {
        var source = Source(TimeProvider.System, options => (options.Rate, options.Count) = (0, 700));
        var ticks = new Tick[512];

        Assert.Equal(512, await source.ReadAsync(ticks, default));
        Assert.Equal(188, await source.ReadAsync(ticks, default));
        Assert.Equal(0, await source.ReadAsync(ticks, default));
    }

    private static readonly string[] Recorded =
    [
        "BNBUSDT 515.1 0.042 1 Buy", "ETHUSDT 2680.04 0.0022 1 Buy", "BTCUSDT 61800 0.00704 1 Sell", "ETHUSDT 2680.04 0.0024 2 Buy",
        "ETHUSDT 2679.99 0.0052 3 Sell",
    ];

    private static SyntheticTickSource Source(TimeProvider time, Action<SyntheticOptions> configure)
    {
        var options = new ProducerOptions();
        configure(options.Synthetic);
        var source = new SyntheticTickSource(Options.Create(options), time, NullLogger<SyntheticTickSource>.Instance);
        source.Open();
        return source;
    }

    private static List<Tick> Make(int seed, int count, int step)
    {
        var market = new SyntheticMarket(seed, SyntheticSymbol.All(new SyntheticOptions()));
        var ticks = new Tick[count];
        for (int i = 0; i < count; i += step)
            market.Make(ticks.AsSpan(i, Math.Min(step, count - i)), 1);
        return [.. ticks];
    }
}
