using System.Net.Http.Json;

namespace Radar.AppHost.Commands;

/// <summary>
/// Commands of the process with Kafka and Redis in it: stop and start each of them. (Where they are containers, Aspire has commands for
/// that.)
/// </summary>
internal static class InfrastructureCommands
{
    /// <summary>Adds the commands and what they need: a port for them on the servers' process.</summary>
    public static IResourceBuilder<ProjectResource> WithInfrastructureCommands(this IResourceBuilder<ProjectResource> servers)
    {
        var control = servers.GetEndpoint("control");
        servers.WithControlKey()
            .WithEndpoint(name: "control", scheme: "tcp")
            .WithUrlForEndpoint("control", url => url.DisplayLocation = UrlDisplayLocation.DetailsOnly)
            .WithArgs(context =>
            {
                context.Args.Add("--control-port");
                context.Args.Add(control.Property(EndpointProperty.TargetPort));
            });
        foreach (string server in new[] { "Kafka", "Redis" })
        {
            string name = server.ToLowerInvariant();
            servers.WithCommand("stop-" + name, $"Stop {server}", context => PostAsync(context, $"/{name}/stop"),
                ControlCommand.WhileRunning(new()
            {
                Description = $"Takes {server} away, as an outage would.",
                IconName = "Stop",
                ConfirmationMessage = server == "Kafka"
                    ? "Nothing comes in until Kafka is started again; the API goes on with what there is. Stop it?"
                    : "State cannot be written until Redis is started again; the embedded one forgets its data. Stop it?",
            }));
            servers.WithCommand("start-" + name, $"Start {server}", context => PostAsync(context, $"/{name}/start"),
                ControlCommand.WhileRunning(new()
            {
                Description = $"Brings {server} back on its port.", IconName = "Play",
            }));
        }

        return servers;

        Task<ExecuteCommandResult> PostAsync(ExecuteCommandContext context, string path) =>
            ControlCommand.PostAsync(context, new Uri($"http://127.0.0.1:{control.Port}"), path, JsonContent.Create(new { }));
    }
}
