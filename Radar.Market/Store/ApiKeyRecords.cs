using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>
/// Records of the API's keys in Redis, one text per id, in the hash <c>radar:keys</c>. Each write counts one change in the same hash, so
/// that readers ask for one number until there is something new.
/// </summary>
/// <param name="redis">Where they are.</param>
/// <param name="name">See <see cref="RadarOptions.Name"/>; null is the state without a name.</param>
/// <exception cref="RedisException">From every method, where Redis does not answer.</exception>
public sealed class ApiKeyRecords(IConnectionMultiplexer redis, string? name = null)
{
    /// <summary>No key has this id.</summary>
    private static readonly RedisValue ChangesField = "changes";

    private readonly RedisKey _key = RedisKeys.ApiKeysOf(name);

    /// <summary>How many changes there were; 0 where there is no key.</summary>
    public async Task<long> ChangesAsync() => (long?)await redis.GetDatabase().HashGetAsync(_key, ChangesField) ?? 0;

    /// <summary>All records by id, and the number of changes that they have.</summary>
    public async Task<(long Changes, IReadOnlyDictionary<string, string> Records)> ReadAsync()
    {
        var fields = (await redis.GetDatabase().HashGetAllAsync(_key)).ToDictionary(
            static field => field.Name.ToString(), static field => field.Value.ToString(), StringComparer.Ordinal);
        long changes = fields.Remove(ChangesField.ToString(), out string? count) && long.TryParse(count, out long known) ? known : 0;
        return (changes, fields);
    }

    /// <summary>One record; null where there is none.</summary>
    public async Task<string?> FindAsync(string id) =>
        id == ChangesField ? null : (string?)await redis.GetDatabase().HashGetAsync(_key, id);

    /// <summary>Writes a record, unless it is no longer <paramref name="before"/>.</summary>
    /// <param name="id">Of the key.</param>
    /// <param name="before">What it was; null where it is new.</param>
    /// <param name="after">What it becomes; null removes it.</param>
    /// <returns>False where somebody else changed it.</returns>
    public async Task<bool> TryReplaceAsync(string id, string? before, string? after)
    {
        var transaction = redis.GetDatabase().CreateTransaction();
        transaction.AddCondition(before is null ? Condition.HashNotExists(_key, id) : Condition.HashEqual(_key, id, before));
        _ = after is null ? transaction.HashDeleteAsync(_key, id) : transaction.HashSetAsync(_key, id, after);
        _ = transaction.HashIncrementAsync(_key, ChangesField);
        if (await transaction.ExecuteAsync())
            return true;
        await redis.GetDatabase().HashExistsAsync(_key, id); // where a right is missing, the condition does not say so
        return false;
    }
}
