namespace Radar.Tests.Fixtures;

/// <summary>
/// Waits for what another thread or process brings about. The limit is for programs that are broken, not for slow machines.
/// </summary>
internal static class Wait
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    public static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    public static Task UntilAsync(Func<Task<bool>> condition, string what) =>
        ForAsync(condition, static holds => holds, _ => Task.FromResult(what));

    /// <summary>Reads again and again until what was read is as expected.</summary>
    /// <param name="describe">What is said of the last value that was read, where the limit passes.</param>
    /// <returns>The value that was as expected.</returns>
    public static async Task<T> ForAsync<T>(Func<Task<T>> read, Func<T, bool> expected, Func<T, Task<string>> describe)
    {
        using var limit = new CancellationTokenSource(Limit);
        while (true)
        {
            T last = await read();
            if (expected(last))
                return last;
            if (limit.IsCancellationRequested)
                Assert.Fail($"Not in {Limit.TotalSeconds} s: {await describe(last)}");
            await Task.Delay(Interval, CancellationToken.None);
        }
    }
}
