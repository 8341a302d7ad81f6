using CsCheck;
using Radar.Market;
using Radar.Market.Projection;
using Radar.Market.Store;
using Radar.Standalone.Infrastructure;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Market.Store;

public sealed class SymbolLimitTests : IAsyncLifetime
{
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private StackExchange.Redis.ConnectionMultiplexer _connection = null!;
    private int _partition;

    public Task InitializeAsync()
    {
        _connection = PatientRedis.Connect(_redis.Address);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _connection.DisposeAsync();
        _redis.Dispose();
    }

    /// <summary>However a log is cut into batches, and however often who reads it restarts.</summary>
    [Fact]
    public void Which_symbols_are_taken_follows_from_the_log_alone()
    {
        var log =
            from symbols in Gen.Int[0, 12].Array[1, 60]
            from cuts in Gen.Int[0, 3].Array[60]
            select (symbols, cuts);
        log.Sample(sample => RunAsync(sample.symbols, sample.cuts).GetAwaiter().GetResult(), iter: 100, threads: 1);
    }

    private async Task RunAsync(int[] symbols, int[] cuts)
    {
        const int Max = 5;
        var expected = symbols.Distinct().Take(Max).ToHashSet();
        var keys = new RedisKeys(RedisKeys.FirstEpoch, _partition++);
        var projection = Open();
        await projection.WriteAsync(new PartitionPosition(0, new TopicIdentity("t", null, 2), 0));
        for (int i = 0; i < symbols.Length; i++)
        {
            var tick = new AppliedTick(new Tick($"S{symbols[i]}", 1, 1_000 + i), i);
            SymbolAdmission admission = projection.TryAdd(tick);
            if (admission == SymbolAdmission.Unknown)
            {
                await projection.ReadSymbolLimitAsync();
                admission = projection.TryAdd(tick);
            }

            Assert.Equal(expected.Contains(symbols[i]) ? SymbolAdmission.Admitted : SymbolAdmission.TooMany, admission);
            if (cuts[i] < 2)
                continue;
            await projection.WriteAsync(projection.Position!.Value with { Offset = i + 1 });
            if (cuts[i] == 3)
            {
                projection = Open();
                await projection.OpenAsync();
            }
        }

        PartitionProjection Open()
        {
            var opened = new PartitionProjection(_connection.GetDatabase(), keys, new ProjectionOptions { SymbolsMax = (2 * Max) - 1 });
            opened.LimitSymbols(partitions: 2); // 9 of two partitions: 5 each
            return opened;
        }
    }
}
