using StackExchange.Redis;

namespace Radar.Market.Store;

/// <content>
/// How a damaged state is marked, and restarted. No step changes anything where the stored position is not the expected one.
/// </content>
internal sealed partial class PartitionStore
{
    private static readonly string PositionScript = StoreScript.Read("position.lua");

    /// <summary>Symbols whose keys are deleted by one script, so that Redis answers others between two of them.</summary>
    private const int SymbolsDeletedAtOnce = 500;

    /// <summary>Stores the integrity marks of the position; "" is none.</summary>
    /// <returns>False where another position is stored.</returns>
    public Task<bool> WriteMarksAsync(PartitionPosition expected, string marks) =>
        ChangePositionAsync(expected, [], ["0", "incomplete", marks]);

    /// <summary>
    /// Deletes everything that the partition has, and stores a position to begin at. Where it is interrupted, parts are missing, which
    /// every reader notices, and it has to be done again.
    /// </summary>
    /// <param name="expected">Stored position.</param>
    /// <param name="begin">The first offset to apply.</param>
    /// <param name="more">Symbols of which there may be keys, whether the state names them or not.</param>
    /// <returns>False where another position is stored.</returns>
    public async Task<bool> RestartAsync(PartitionPosition expected, PartitionPosition begin, IEnumerable<string> more)
    {
        foreach (string[] symbols in (await NamesAsync()).Union(more).Chunk(SymbolsDeletedAtOnce))
        {
            if (!await ChangePositionAsync(expected, symbols.SelectMany(keys.PartsOf), ["0"]))
                return false;
        }

        return await ChangePositionAsync(
            expected, [keys.Latest, keys.Days], ["1", "offset", begin.Offset, .. begin.ToPairs().Select(text => (RedisValue)text)]);
    }

    private async Task<bool> ChangePositionAsync(
        PartitionPosition expected, IEnumerable<RedisKey> deleted, IEnumerable<RedisValue> values) =>
        (bool)await redis.ScriptEvaluateAsync(PositionScript, [keys.Position, .. deleted], [expected.Offset, .. values], OnMaster);

    /// <summary>Every symbol that any part of the partition names.</summary>
    private async Task<IEnumerable<string>> NamesAsync()
    {
        var counted = (await FieldsAsync(keys.Position)).Where(PartitionHead.IsCounts).Select(PartitionHead.SymbolOfCounts);
        return [.. counted.Union(await FieldsAsync(keys.Latest)).Union(await FieldsAsync(keys.Days))];
    }

    private async Task<IEnumerable<string>> FieldsAsync(RedisKey hash)
    {
        try
        {
            return (await ReadAsync(hash, redis.HashKeysAsync(hash, OnMaster))).Select(field => field.ToString());
        }
        catch (DamagedStateException)
        {
            return []; // of another type: it names none
        }
    }
}
