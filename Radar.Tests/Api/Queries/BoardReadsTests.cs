using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Radar.Api.Board;
using Radar.Api.Queries;
using Radar.Market;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Api.Board;
using Radar.Tests.Fixtures;
using StackExchange.Redis;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Queries;

/// <summary>
/// Where lists come from while the board is being filled, repaired, or behind: nothing is left out, and nothing goes back.
/// </summary>
public sealed class BoardReadsTests : IAsyncLifetime
{
    private EmbeddedRedis? _redis = EmbeddedRedis.Start();
    private readonly Deadline _deadline = Deadline.None;
    private readonly LiveBoard _board = new(TimeProvider.System);
    private ConnectionMultiplexer _client = null!;
    private StateWriter _state = null!;
    private MarketReader _reader = null!;
    private BoardReads _reads = null!;
    private Connection _asked = null!;

    public async Task InitializeAsync()
    {
        _client = await ConnectionMultiplexer.ConnectAsync(_redis!.Address + ",allowAdmin=true"); // not patient: some tests take Redis away
        _state = await new StateWriter(_client).BeginAsync();
        _reader = new MarketReader(_client);
        var asked = DispatchProxy.Create<IConnectionMultiplexer, Connection>();
        _asked = (Connection)(object)asked;
        _asked.Target = _client;
        var reader = new MarketReader(asked);
        _reads = new BoardReads(_board, reader, new RedisSpan(reader));
    }

    public async Task DisposeAsync()
    {
        await _client.DisposeAsync();
        _redis?.Dispose();
    }

    [Fact]
    public async Task Board_that_is_being_filled_is_not_served_though_a_part_of_it_moves_on()
    {
        await _state.ApplyAsync(0, Tick("A", 1));
        await _state.ApplyAsync(1, Tick("B", 1));
        _board.Open(Changes.Layout);
        await LoadAsync(0);
        _asked.Before = () => Follow(0, Changes.Of(1, 2, ("A", Noon + 1, 1)));

        var view = await NewestAsync();

        Assert.Equal(["A", "B"], view.Tickers.Select(ticker => ticker.Symbol));
        Assert.Equal(1, view.Version.Positions[1]);
    }

    [Fact]
    public async Task Partition_that_is_being_repaired_comes_from_Redis_though_another_moves_on()
    {
        await FillAsync();
        _board.MarkGapped(1);
        await _state.ApplyAsync(1, Tick("B", 2));
        _asked.Before = () => Follow(0, Changes.Of(0, 1, ("A", Noon, 0)));

        var view = await NewestAsync();

        Assert.Equal(1, view.Version.Positions[1]);
        Assert.Equal("B", Assert.Single(view.Tickers).Symbol);
    }

    [Fact]
    public async Task Redis_that_has_less_than_a_broken_board_is_not_shown()
    {
        await _state.ApplyAsync(1, Tick("B", 1));
        await FillAsync();
        _board.MarkGapped(0);
        await StateWriter.FlushAsync(_client);

        Assert.Equal("B", Assert.Single((await NewestAsync()).Tickers).Symbol);
    }

    [Fact]
    public async Task Broken_board_that_serves_because_Redis_does_not_answer_is_in_doubt()
    {
        await _state.ApplyAsync(1, Tick("B", 1));
        await FillAsync();
        _board.MarkGapped(1);
        TakeRedisAway();

        Assert.Equal("B", Assert.Single((await NewestAsync()).Tickers).Symbol);

        Assert.True(_board.Status.IsAnyUnconfirmed);
    }

    [Fact]
    public async Task Board_that_was_never_filled_is_not_served_because_Redis_does_not_answer()
    {
        await _state.ApplyAsync(0, Tick("A", 1));
        _board.Open(Changes.Layout);
        await LoadAsync(0);
        TakeRedisAway();

        await AssertRefusedAsync();
        _board.MarkRedisDown();
        await AssertRefusedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Symbol_that_the_board_does_not_have_yet_is_in_a_list_whose_version_has_it(bool past)
    {
        await _state.ApplyAsync(1, Tick("B", 1));
        await FillAsync();
        await _state.ApplyAsync(0, Tick("NEW", 7, Noon - 1)); // in two partitions, as two producers place it
        await _state.ApplyAsync(2, Tick("NEW", 1), Tick("NEW", 2));

        var (version, symbols) = past
            ? Of(await _reads.PastAsync(_deadline, ["B", "NEW", "NOBODY"], Noon, Timeframe.Day), item => item.Symbol)
            : Of(await _reads.SnapshotsAsync(_deadline, ["B", "NEW", "NOBODY"]), item => item.Symbol);

        Assert.Equal(2, version.Positions[2]);
        Assert.Equal(["B", "NEW"], symbols);

        static (BoardVersion, string[]) Of<T>(ListRead<T>? read, Func<T, string> symbolOf) =>
            (read!.Version, [.. read.Symbols.Select(symbolOf)]);
    }

    private async Task<BoardView> NewestAsync() => Assert.IsType<BoardView>(await _reads.NewestAsync(_deadline, null));

    private void TakeRedisAway()
    {
        _redis?.Dispose();
        _redis = null;
    }

    /// <summary>An exception that the API answers with 503.</summary>
    private async Task AssertRefusedAsync()
    {
        var e = await Record.ExceptionAsync(() => NewestAsync());
        Assert.True(e is RedisException or RedisTimeoutException, $"{e}");
    }

    private async Task FillAsync()
    {
        _board.Open(Changes.Layout);
        for (int partition = 0; partition < StateWriter.Partitions; partition++)
            await LoadAsync(partition);
    }

    private async Task LoadAsync(int partition) =>
        Assert.True(_board.Load(
            partition, await _reader.SymbolRecordsAsync(new RedisKeys(RedisKeys.FirstEpoch, partition), null), evenIfOlder: false));

    private void Follow(int partition, Change change) => Assert.Equal(ChangeOutcome.Applied, _board.Apply(partition, change));

    /// <summary>A connection that lets something happen before the first question.</summary>
    public class Connection : DispatchProxy
    {
        internal IConnectionMultiplexer Target { get; set; } = null!;

        internal Action? Before { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var before = Before;
            Before = null;
            before?.Invoke();
            return targetMethod!.CallOn(Target, args);
        }
    }
}
