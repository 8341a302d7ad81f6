using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Radar.Market;

namespace Radar.Producer;

/// <summary>
/// Starts the trace of a tick: of each symbol the first ones of every second, so that a quiet symbol is seen beside a busy one, and of all
/// together no more than a limit. A tick that is not traced costs two comparisons.
/// </summary>
/// <param name="topic">Where ticks are sent.</param>
/// <param name="broker">The Kafka that they are sent to, where it is known.</param>
/// <param name="options">How many are traced.</param>
/// <param name="time">Its timestamps count the seconds.</param>
internal sealed class SendTrace(string topic, ServerAddress? broker, ProducerOptions options, TimeProvider time)
{
    private static readonly ActivitySource Source = new(TelemetryNames.Producer);

    private readonly string _spanName = "send " + topic;
    private readonly int _perSymbol = options.TracesPerSymbolPerSecond;
    private readonly TraceBudget _all = new();

    /// <summary>Reads the clock for the ticks that follow, which count as sent at this moment.</summary>
    public void ReadClock()
    {
        long second = time.GetTimestamp() / time.TimestampFrequency;
        if (second != _all.Second)
            (_all.Second, _all.Traced) = (second, 0);
    }

    /// <summary>Called once per tick; true where that one is to be traced.</summary>
    /// <param name="symbol">What was traced of the tick's symbol.</param>
    public bool IsDue(TraceBudget symbol) =>
        (symbol.Second != _all.Second || symbol.Traced < _perSymbol) && IsDueNow(symbol);

    /// <summary>Starts the root of a trace, or goes on with one; null where nobody listens or it is not sampled.</summary>
    public Activity? Start(in Tick tick, ActivityContext parent = default)
    {
        // A root by intent: whatever the sender happens to run under is not the cause of a tick.
        var surrounding = Activity.Current;
        Activity.Current = null;
        var activity = Source.StartActivity(_spanName, ActivityKind.Producer, parent);
        Activity.Current = surrounding;
        if (activity is not { Recorded: true })
        {
            activity?.Dispose();
            return null;
        }

        activity.SetTag(TelemetryNames.MessagingSystem, "kafka");
        activity.SetTag(TelemetryNames.OperationName, "send");
        activity.SetTag(TelemetryNames.OperationType, "send");
        activity.SetTag(TelemetryNames.DestinationName, topic);
        activity.SetTag(TelemetryNames.KafkaMessageKey, tick.Symbol);
        broker?.Tag(activity);
        return activity;
    }

    /// <summary>The header that carries the trace to the consumer.</summary>
    public static Headers Headers(Activity activity) => new() { { TelemetryNames.TraceParent, Encoding.ASCII.GetBytes(activity.Id!) } };

    /// <summary>Ends the trace's first span with the broker's answer.</summary>
    public static void Stop<TKey, TValue>(Activity activity, DeliveryReport<TKey, TValue> report)
    {
        if (report.Error.IsError)
        {
            Stop(activity, report.Error);
            return;
        }

        activity.SetTag(TelemetryNames.DestinationPartition, report.Partition.Value.ToString(CultureInfo.InvariantCulture));
        activity.SetTag(TelemetryNames.KafkaOffset, report.Offset.Value);
        activity.Stop();
    }

    /// <summary>Ends the span of a tick that the broker did not take.</summary>
    public static void Stop(Activity? activity, Error error)
    {
        activity?.SetTag(TelemetryNames.ErrorType, error.Code.ToString());
        activity?.SetStatus(ActivityStatusCode.Error, error.Reason);
        activity?.Stop();
    }

    private bool IsDueNow(TraceBudget symbol)
    {
        if (symbol.Second != _all.Second)
            (symbol.Second, symbol.Traced) = (_all.Second, 0);
        if (_perSymbol == 0 || _all.Traced >= options.TracesPerSecondMax || !Source.HasListeners())
            return false;
        symbol.Traced++;
        _all.Traced++;
        return true;
    }
}
