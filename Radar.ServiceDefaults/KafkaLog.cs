using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Radar.ServiceDefaults;

/// <summary>Sends librdkafka's lines to the host's log.</summary>
internal static partial class KafkaLog
{
    /// <summary>Pause between two lines about commits that failed.</summary>
    private static readonly TimeSpan CommitPause = TimeSpan.FromSeconds(30);

    public static Action<IClient, LogMessage> Handler(IServiceProvider services)
    {
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("Kafka");

        // The line names the client. The client itself may not be asked: librdkafka's threads log while it is still being made, and an
        // exception that reaches them ends the process without a word.
        var fault = services.GetService<KafkaFault>();
        var commits = new ThrottledLog(services.GetService<TimeProvider>() ?? TimeProvider.System, CommitPause);
        return (_, line) =>
        {
            if (line.Facility is "FAIL" or "ERROR")
                fault?.Note(line.Message);

            // After a pause of the machine each attempt fails until the group is joined again: hundreds of lines, all alike.
            var level = line.Facility == "COMMITFAIL" && !commits.IsDue(out long _) ? LogLevel.Debug : Level(line);
            Line(logger, level, line.Name, line.Facility, LogText.Line(line.Message));
        };
    }

    /// <summary>
    /// librdkafka repeats a refused connection every few seconds; the services log once themselves that they wait. A broker that has just
    /// started loads its coordinators first, and a producer that asks too early tries again: that is a healthy start.
    /// </summary>
    private static LogLevel Level(LogMessage line) => line switch
    {
        { Facility: "FAIL" or "ERROR" or "CONFWARN" } => LogLevel.Debug,
        { Facility: "GETPID" } when line.Message.EndsWith("retrying", StringComparison.Ordinal) => LogLevel.Information,
        { Facility: "COMMITFAIL" } => LogLevel.Information, // the position is Redis's; the commit is for other tools, and is made again
        _ => (LogLevel)line.LevelAs(LogLevelType.MicrosoftExtensionsLogging),
    };

    [LoggerMessage(EventId = 1, Message = "{Client} {Facility}: {Text}")]
    private static partial void Line(ILogger logger, LogLevel level, string client, string facility, string text);
}
