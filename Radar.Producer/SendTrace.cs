using System.Diagnostics;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Radar.Market;

namespace Radar.Producer;

/// <summary>Starts one trace for a random share of the ticks. The others cost a countdown.</summary>
internal sealed class SendTrace
{
    private static readonly ActivitySource Source = new(TelemetryNames.Producer);

    private readonly string _topic;
    private readonly string _spanName;
    private readonly double _ratio;
    private long _untilNext;

    public SendTrace(string topic, double ratio)
    {
        (_topic, _spanName, _ratio) = (topic, "send " + topic, ratio);
        _untilNext = Gap();
    }

    /// <summary>Called once per tick; true where that one is to be traced.</summary>
    public bool IsDue()
    {
        if (--_untilNext > 0)
            return false;
        _untilNext = Gap();
        return true;
    }

    /// <summary>Starts the root of a trace, or goes on with one; null where nobody listens or the sampler says no.</summary>
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
        activity.SetTag(TelemetryNames.DestinationName, _topic);
        activity.SetTag(TelemetryNames.KafkaMessageKey, tick.Symbol);
        return activity;
    }

    /// <summary>The header that carries the trace to the consumer.</summary>
    public static Headers Headers(Activity activity) => new() { { TelemetryNames.TraceParent, Encoding.ASCII.GetBytes(activity.Id!) } };

    /// <summary>Ends the trace's first span with what the broker said.</summary>
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

    /// <summary>Ticks to the next traced one, itself included: geometrically distributed, so that each tick has the same chance.</summary>
    private long Gap()
    {
        if (_ratio >= 1)
            return 1;
        if (_ratio <= 0)
            return long.MaxValue;
        double gap = 1 + Math.Floor(Math.Log(1 - Random.Shared.NextDouble()) / Math.Log(1 - _ratio));
        return gap < long.MaxValue ? (long)gap : long.MaxValue;
    }
}
