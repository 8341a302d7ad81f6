using System.Text;
using StackExchange.Redis;

namespace Radar.Tests.Fixtures;

/// <summary>Every key that matches, with every byte of its value, in one comparable text.</summary>
internal static class RedisDump
{
    public static async Task<string> OfAsync(IConnectionMultiplexer redis, string pattern)
    {
        IDatabase database = redis.GetDatabase();
        var dump = new StringBuilder();
        foreach (RedisKey key in redis.GetServers()[0].Keys(pattern: pattern, pageSize: 10_000).Order(Comparer<RedisKey>.Create(
            (left, right) => string.CompareOrdinal(left.ToString(), right.ToString()))))
        {
            dump.Append(key).Append(" = ");
            IEnumerable<string> values = await database.KeyTypeAsync(key) switch
            {
                RedisType.Hash => (await database.HashGetAllAsync(key)).Select(field => field.ToString()).Order(StringComparer.Ordinal),
                RedisType.List => (await database.ListRangeAsync(key)).Select(item => item.ToString()),
                RedisType.SortedSet => (await database.SortedSetRangeByRankWithScoresAsync(key)).Select(item => item.ToString()),
                _ => [(await database.StringGetAsync(key)).ToString()],
            };
            dump.AppendJoin(" | ", values).Append('\n');
        }

        return dump.ToString();
    }
}
