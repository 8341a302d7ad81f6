using Radar.ServiceDefaults;
using StackExchange.Redis;

namespace Radar.Tests.ServiceDefaults;

public sealed class RedisServerWatchTests
{
    [Theory]
    [InlineData("6.0.16", true)]
    [InlineData("6.2", false)]
    [InlineData("7.0.15", false)]
    public void Version_that_is_too_old_is_named_with_the_one_that_is_needed(string version, bool isTooOld)
    {
        string? said = RedisServerWatch.Describe("a:1", Version.Parse(version));

        Assert.Equal(isTooOld, said is not null);
        if (isTooOld)
            Assert.Equal($"Redis at a:1 is version {version}, which lacks commands that Radar uses. Use 6.2 or later.", said);
    }

    [Theory]
    [InlineData(ServerType.Cluster, 3, true)]
    [InlineData(ServerType.Cluster, 0, false)]
    [InlineData(ServerType.Standalone, 3, false)]
    public void Database_that_a_cluster_does_not_have_is_named(ServerType type, int database, bool isWrong) =>
        Assert.Equal(isWrong, RedisServerWatch.Describe("a:1", type, database) is not null);

    [Theory]
    [InlineData("maxmemory:5\nmaxmemory_policy:allkeys-lru", true)]
    [InlineData("maxmemory:5\nmaxmemory_policy:noeviction", false)]
    [InlineData("maxmemory:0\nmaxmemory_policy:allkeys-lru", false)]
    public void Eviction_of_the_state_is_named_with_the_mend(string info, bool isWrong) =>
        Assert.Equal(
            isWrong, RedisServerWatch.Describe("a:1", info)?.Contains("Set maxmemory-policy noeviction", StringComparison.Ordinal) == true);
}
