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
        foreach (RedisKey key in Keys(redis, pattern).Order(Comparer<RedisKey>.Create(
            (left, right) => string.CompareOrdinal(left.ToString(), right.ToString()))))
        {
            dump.Append(key).Append(" = ").AppendJoin(" | ", await ValuesAsync(database, key)).Append('\n');
        }

        return dump.ToString();
    }

    /// <summary>Read again where the key is deleted or made anew between the look at its type and the read of its value.</summary>
    private static async Task<IEnumerable<string>> ValuesAsync(IDatabase database, RedisKey key)
    {
        while (true)
        {
            try
            {
                return await database.KeyTypeAsync(key) switch
                {
                    RedisType.None => ["(deleted)"],
                    RedisType.Hash => (await database.HashGetAllAsync(key)).Select(field => field.ToString()).Order(StringComparer.Ordinal),
                    RedisType.List => (await database.ListRangeAsync(key)).Select(item => item.ToString()),
                    RedisType.SortedSet => (await database.SortedSetRangeByRankWithScoresAsync(key)).Select(item => item.ToString()),
                    _ => [(await database.StringGetAsync(key)).ToString()],
                };
            }
            catch (RedisServerException e) when (e.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal))
            {
            }
        }
    }

    private static IEnumerable<RedisKey> Keys(IConnectionMultiplexer redis, string pattern) => redis.GetServers()
        .Where(server => server.IsConnected && !server.IsReplica).SelectMany(server => server.Keys(pattern: pattern, pageSize: 10_000));

    /// <summary>Fails with the first line that differs, and where.</summary>
    public static void AssertSame(string expected, string actual, string otherwise)
    {
        if (expected == actual)
            return;
        string[] wanted = expected.Split('\n'), found = actual.Split('\n');
        int line = Enumerable.Range(0, Math.Min(wanted.Length, found.Length))
            .FirstOrDefault(i => wanted[i] != found[i], Math.Min(wanted.Length, found.Length) - 1);
        int column = wanted[line].Zip(found[line]).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.Fail(
            $"{otherwise} {wanted.Length} and {found.Length} keys; in line {line}"
                + $", column {column}:\n{Around(wanted[line], column)}\n{Around(found[line], column)}");

        static string Around(string text, int column) =>
            $"{text[..Math.Min(80, text.Length)]} … {text[Math.Max(0, column - 60)..Math.Min(text.Length, column + 200)]} ({text.Length})";
    }
}
