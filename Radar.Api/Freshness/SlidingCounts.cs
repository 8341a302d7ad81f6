namespace Radar.Api.Freshness;

/// <summary>
/// Counts over a window that moves with time, in slots of equal length, so that a month costs a few thousand numbers. The caller locks.
/// </summary>
internal sealed class SlidingCounts(TimeProvider time, TimeSpan slot, TimeSpan longest)
{
    private readonly long _began = time.GetTimestamp();
    private readonly Slot[] _slots = new Slot[(longest.Ticks / slot.Ticks) + 2]; // a window begins and ends within slots

    public void Add(long met, long missed)
    {
        long number = Number();
        ref Slot current = ref _slots[number % _slots.Length];
        if (current.Number != number)
            current = new Slot { Number = number };
        current.Met += met;
        current.Missed += missed;
    }

    /// <summary>What was counted within <paramref name="window"/>, give or take a slot.</summary>
    public (long Met, long Missed) Sum(TimeSpan window)
    {
        long newest = Number(), oldest = Math.Max(0, newest - (window.Ticks / slot.Ticks));
        long met = 0, missed = 0;
        for (long number = oldest; number <= newest; number++)
        {
            ref readonly Slot counted = ref _slots[number % _slots.Length];
            if (counted.Number != number)
                continue;
            met += counted.Met;
            missed += counted.Missed;
        }

        return (met, missed);
    }

    private long Number() => time.GetElapsedTime(_began).Ticks / slot.Ticks;

    private struct Slot
    {
        public long Number;
        public long Met;
        public long Missed;
    }
}
