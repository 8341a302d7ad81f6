namespace Radar.Market.Store;

/// <summary>What an operator does where only a state that is built again is right, as a clause.</summary>
public static class StateRebuild
{
    private const string Public = "stop the consumers and build the state again (docs/operations.md, \"Rebuild\")";

    /// <param name="pattern">The keys of the state, see <see cref="RedisKeys.Pattern"/>.</param>
    public static Explanation Of(string pattern) =>
        new(Public, $"stop the consumers, then delete the keys {pattern} to rebuild the state");
}
