using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Radar.Client;
using Radar.Tests.Fixtures;
using static Radar.Tests.Client.ApiCall;

namespace Radar.Tests.Client;

/// <summary>The C# of the client's readme is in this file, word by word, and works.</summary>
public sealed class ReadmeTests
{
    [Fact]
    public async Task Code_of_the_readme_is_code_of_this_file()
    {
        string code = Unindented(await File.ReadAllTextAsync(Repository.File("Radar.Tests/Client/ReadmeTests.cs")));
        string text = await File.ReadAllTextAsync(Repository.File("Radar.Client/README.md"));

        string[] blocks = [.. text.Split("```csharp\n").Skip(1)
            .Select(block => Unindented(block[..block.IndexOf("```", StringComparison.Ordinal)]))];

        Assert.Equal(3, blocks.Length);
        Assert.All(blocks, block => Assert.Contains(block, code, StringComparison.Ordinal));
    }

    /// <summary>A program that has the namespace alone finds everything that the readme and its code name.</summary>
    [Fact]
    public async Task Namespace_of_the_readme_has_all_public_types()
    {
        string text = await File.ReadAllTextAsync(Repository.File("Radar.Client/README.md"));

        Assert.Contains("`using Radar.Client;`", text, StringComparison.Ordinal);
        Assert.True(File.Exists(Repository.File("Radar.Client/Radar.Client.csproj")));
        Assert.All(typeof(RadarClient).Assembly.GetExportedTypes(), type => Assert.Equal("Radar.Client", type.Namespace));
    }

    [Fact]
    public async Task Service_of_the_readme_receives_trades()
    {
        await using var api = await MisbehavingApi.StartAsync(async call =>
        {
            await call.SendAsync(Snapshot("a"), Trade(7, "b"));
            await call.HoldAsync();
        });
        var lines = Channel.CreateUnbounded<string>();
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders().AddProvider(new LinesOf<TradeWatch>(lines.Writer));
        builder.Services.AddRadarClient(options => options.BaseAddress = new Uri("http://127.0.0.1:8000"));
        builder.Services.Configure<RadarClientOptions>(options => options.BaseAddress = api.Address);
        builder.Services.AddHostedService<TradeWatch>();
        using var host = builder.Build();

        await host.StartAsync();
        string line = await lines.Reader.ReadAsync().AsTask().WaitAsync(Wait.Limit);
        await host.StopAsync();

        Assert.Equal("2024-08-09T12:00:00.0000000+00:00 X 7 × 1", line);
        Assert.Equal("/api/v2/stream?symbols=BTCUSDT,ETHUSDT&channels=trades", (await api.CallAsync()).Target);
    }

    [Fact]
    public async Task Loop_of_the_readme_goes_on_where_it_was_and_repairs_a_gap()
    {
        const string Page = """{"symbol":"BTCUSDT","trades":[{"t":"2024-08-09T12:00:00.000Z","p":8,"s":1,"i":null,"side":null"""
            + ""","venue":null}],"next_page_token":null,"meta":{"version":"1-0-5","event_time":null,"age_ms":null,"lag_ms":null"""
            + ""","stale":true}}""";
        using var stop = new CancellationTokenSource();
        await using var api = await MisbehavingApi.StartAsync(
            async call =>
            {
                await call.SendAsync(Trade(7, "b"), Event("reset", """{"reason":"gone"}"""), Snapshot("c"), Trade(9, "d"));
                await call.HoldAsync();
            },
            call => call.AnswerAsync(200, "application/json", Page));
        var book = new Book(Position: "a", Full: stop);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => FollowAsync(api.Client(), book, stop.Token));

        Assert.Equal(["7", "repaired 8", "9"], book.Entries);
        Assert.Equal("d", book.Position);
        Assert.Equal("a", (await api.CallAsync()).LastEventId);
        Assert.Equal("/api/v2/trades/BTCUSDT?start=1723204800000", (await api.CallAsync()).Target);
    }

    private static async Task FollowAsync(RadarClient radar, Book book, CancellationToken stoppingToken)
    {
        await foreach (StreamEvent received in radar.StreamAsync(StreamChannels.Trades, ["BTCUSDT"], book.Position, stoppingToken))
        {
            switch (received)
            {
                case TradeEvent { Trade: var trade }:
                    book.Add(trade, position: received.Id);
                    break;
                case StreamGap:
                    var since = new HistoryQuery { Start = book.Newest };
                    await foreach (Trade missed in radar.ListTradesAsync("BTCUSDT", since, stoppingToken))
                        book.Repair(missed);
                    break;
            }
        }
    }

    private static string Unindented(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()));

    private sealed record Book(string? Position, CancellationTokenSource Full)
    {
        public string? Position { get; private set; } = Position;

        public DateTimeOffset? Newest { get; private set; }

        public List<string> Entries { get; } = [];

        public void Add(Trade trade, string? position)
        {
            (Newest, Position) = (trade.Time, position);
            Entries.Add($"{trade.Price}");
            if (Entries.Count == 3)
                Full.Cancel();
        }

        public void Repair(Trade trade) => Entries.Add($"repaired {trade.Price}");
    }

    internal sealed class TradeWatch(RadarClient radar, ILogger<TradeWatch> logger) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await foreach (Trade trade in radar.StreamTradesAsync(["BTCUSDT", "ETHUSDT"], cancellationToken: stoppingToken))
                logger.LogInformation("{Time:O} {Symbol} {Price} × {Size}", trade.Time, trade.Symbol, trade.Price, trade.Size);
        }
    }

    /// <summary>What one class logs.</summary>
    private sealed class LinesOf<T>(ChannelWriter<string> lines) : ILoggerProvider, ILogger
    {
        private bool _isMine;

        public ILogger CreateLogger(string categoryName) =>
            new LinesOf<T>(lines) { _isMine = categoryName == typeof(T).FullName!.Replace('+', '.') };

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => _isMine;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (_isMine)
                lines.TryWrite(formatter(state, exception));
        }

        public void Dispose()
        {
        }
    }
}
