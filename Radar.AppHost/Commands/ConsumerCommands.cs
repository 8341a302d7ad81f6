using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;

namespace Radar.AppHost.Commands;

/// <summary>Commands of a consumer, each of one replica: pause, resume, and an end without warning.</summary>
internal static class ConsumerCommands
{
    // Aspire's name of the property.
    private const string ProcessId = "executable.pid";

    /// <summary>Adds the commands and what they need.</summary>
    public static IResourceBuilder<ProjectResource> WithConsumerCommands(this IResourceBuilder<ProjectResource> consumer) => consumer
        .WithControlKey()
        .WithControlCommand("pause", "Pause", "/pause", body: null, new()
        {
            Description = "Applies nothing until resumed. Partitions stay assigned; lag rises.",
            IconName = "Pause",
            IsHighlighted = true,
            ConfirmationMessage = "The API serves older and older state until you resume. Pause?",
        })
        .WithControlCommand("resume", "Resume", "/resume", body: null, new()
        {
            Description = "Ends a pause.", IconName = "Play", IsHighlighted = true,
        })
        .WithCommand("kill", "Kill this replica", static context => Task.FromResult(Kill(context)), ControlCommand.WhileRunning(new()
        {
            Description = "Ends the process as a crash would (SIGKILL), to watch the hand-over of its partitions.",
            IconName = "PlugDisconnected",
            ConfirmationMessage = "The process is ended without warning. Its partitions stand still until the group has noticed, "
                + "with one replica until you start it again. Kill it?",
        }));

    private static ExecuteCommandResult Kill(ExecuteCommandContext context)
    {
        if (ControlCommand.Snapshot(context)?.Properties.FirstOrDefault(property => property.Name == ProcessId)?.Value is not { } id)
            return CommandResults.Failure($"{context.ResourceName} has no process; start it, then try again.");
        try
        {
            // Whatever the orchestrator started, the service is in its tree.
            using var process = Process.GetProcessById(Convert.ToInt32(id, CultureInfo.InvariantCulture));
            process.Kill(entireProcessTree: true);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception)
        {
            return CommandResults.Failure(
                $"Process {id} of {context.ResourceName} cannot be killed: {e.Message} See whether it still runs.");
        }

        return CommandResults.Success(
            $"Killed process {id}.",
            $"""
            **Killed process {id} of `{context.ResourceName}`.**

            - The group notices after its session timeout (`session.timeout.ms`); then the other replicas have its partitions (their logs: "Assigned …").
            - No tick is lost or counted twice: the next owner continues at the position in Redis.
            - Lag in the meantime: `/api/v2/lag`.
            - Start it again: `aspire resource {context.ResourceName} start`.
            """,
            CommandResultFormat.Markdown,
            displayImmediately: true);
    }
}
