namespace Radar.Market;

/// <summary>Decides whether a record of the topic is a tick: for the consumer, and for checks of its results.</summary>
public static class TickRecord
{
    /// <summary>Reads a record.</summary>
    /// <param name="key">Empty where the record has none.</param>
    /// <param name="value">Empty where the record has none.</param>
    /// <param name="recordMs">Kafka's timestamp of the record, Unix ms; not above 0 where it has none.</param>
    /// <param name="nowMs">This machine's clock, Unix ms.</param>
    /// <param name="futureToleranceMs">How far the event's time may lie ahead.</param>
    /// <param name="names">Texts that were seen before.</param>
    /// <param name="tick">The tick; of use only where the result is <see cref="TickRefusal.None"/>.</param>
    /// <param name="anyPrice">Whether a price may be 0 or less: <see cref="RadarOptions.AllowNonPositivePrices"/>.</param>
    public static TickRefusal TryRead(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long recordMs, long nowMs, long futureToleranceMs, NameTable names, out Tick tick,
        bool anyPrice = false)
    {
        TickRefusal refusal = TickCodec.TryRead(value, names, out tick, anyPrice);
        if (refusal != TickRefusal.None)
            return refusal;
        if (names.Symbol(key) is not { } symbol || !ReferenceEquals(symbol, tick.Symbol) && symbol != tick.Symbol)
            return TickRefusal.KeyMismatch;

        // Held against the record's own time as well, so that a rebuild years later refuses what was refused today. Some have none.
        long latestMs = (recordMs > 0 ? Math.Min(recordMs, nowMs) : nowMs) + futureToleranceMs;
        return tick.TimestampMs > latestMs ? TickRefusal.InFuture : TickRefusal.None;
    }
}
