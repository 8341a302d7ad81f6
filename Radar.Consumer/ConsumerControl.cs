using System.Globalization;
using Radar.Consumer.Partitions;
using Radar.Consumer.Polling;
using Radar.ServiceDefaults.Control;

namespace Radar.Consumer;

/// <summary><c>POST /control/pause</c> and <c>POST /control/resume</c>.</summary>
internal static class ConsumerControl
{
    public static void Map(ControlGroup control) => control
        .Post("/pause", static (context, _) => Task.FromResult(Pause(context.RequestServices)))
        .Post("/resume", static (context, _) => Task.FromResult(Resume(context.RequestServices)));

    /// <summary>The time as health and results name it.</summary>
    public static string Text(DateTimeOffset since) => since.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static ControlResult Pause(IServiceProvider services)
    {
        var pause = services.GetRequiredService<OperatorPause>();
        bool changed = pause.TryPause();
        string since = pause.Since is { } at ? Text(at) : "now";
        return new ControlResult(
            true,
            changed ? "Paused." : $"It was paused already, since {since}.",
            $"""
            **Paused since {since}.** Held partitions: {Partitions(services)}.

            They stay assigned to this consumer, which keeps polling: no rebalance follows. Lag rises (`/api/v2/lag`) until `resume`.
            Restarting the consumer ends the pause, too.
            """);
    }

    private static ControlResult Resume(IServiceProvider services)
    {
        bool changed = services.GetRequiredService<OperatorPause>().TryResume();
        return new ControlResult(
            true,
            changed ? "Resumed." : "It was not paused.",
            $"**Consuming.** Partitions: {Partitions(services)}. Lag falls (`/api/v2/lag`).");
    }

    private static string Partitions(IServiceProvider services)
    {
        var partitions = services.GetRequiredService<KafkaTickSource>().Processors.Select(processor => processor.Partition).Order()
            .ToList();
        return partitions.Count == 0 ? "none" : string.Join(", ", partitions);
    }
}
