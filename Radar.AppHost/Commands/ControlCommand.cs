using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Radar.AppHost.Commands;

/// <summary>Commands that are carried out by the service itself, at <c>POST /control/…</c>.</summary>
internal static class ControlCommand
{
    private const string KeyHeader = "X-Radar-Control-Key";

    // A little longer than a service takes at most.
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(70) };

    /// <summary>Adds a command whose request goes to the very replica that it was asked of, not to any behind Aspire's proxy.</summary>
    /// <param name="project">The service.</param>
    /// <param name="name">Name in the CLI.</param>
    /// <param name="displayName">Name in the dashboard.</param>
    /// <param name="path">After <c>/control</c>.</param>
    /// <param name="body">Makes the body; null is an empty one.</param>
    /// <param name="options">What the dashboard shows.</param>
    public static IResourceBuilder<ProjectResource> WithControlCommand(
        this IResourceBuilder<ProjectResource> project, string name, string displayName, string path,
        Func<ExecuteCommandContext, object>? body, CommandOptions options) =>
        project.WithCommand(
            name, displayName, context => PostAsync(
                context, ReplicaAddress(context), path, JsonContent.Create(body?.Invoke(context) ?? new { })), WhileRunning(options));

    /// <summary>Has the command enabled only while its resource runs.</summary>
    public static CommandOptions WhileRunning(CommandOptions options)
    {
        options.UpdateState = static state => state.ResourceSnapshot.State?.Text == KnownResourceStates.Running
            ? ResourceCommandState.Enabled
            : ResourceCommandState.Disabled;
        return options;
    }

    /// <summary>Where the replica of the command listens by itself.</summary>
    public static Uri? ReplicaAddress(ExecuteCommandContext context) =>
        Snapshot(context)?.EnvironmentVariables.FirstOrDefault(variable => variable.Name == "ASPNETCORE_URLS")?.Value is { } urls
            && urls.Split(';').FirstOrDefault(url => url.StartsWith("http://", StringComparison.Ordinal)) is { } url
                ? new Uri(url)
                : null;

    /// <summary>What Aspire knows of the replica of the command.</summary>
    public static CustomResourceSnapshot? Snapshot(ExecuteCommandContext context) =>
        context.Services.GetRequiredService<ResourceNotificationService>().TryGetCurrentState(context.ResourceName, out var state)
            ? state.Snapshot
            : null;

    /// <summary>Sends the request and makes the service's answer the result.</summary>
    public static async Task<ExecuteCommandResult> PostAsync(ExecuteCommandContext context, Uri? address, string path, HttpContent body)
    {
        if (address is null)
            return CommandResults.Failure($"{context.ResourceName} has no address; start it, then try again.");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "/control" + path)) { Content = body };
        request.Headers.Add(KeyHeader, ControlKey.Read(context.Services.GetRequiredService<IConfiguration>()));
        try
        {
            using var response = await Http.SendAsync(request, context.CancellationToken);
            var answer = await response.Content.ReadFromJsonAsync<JsonObject>(context.CancellationToken);
            if (!response.IsSuccessStatusCode)
                return CommandResults.Failure(
                    (string?)answer?["detail"] ?? $"{context.ResourceName} answered {(int)response.StatusCode}; see its log.");
            string message = (string?)answer!["message"] ?? "Done.";
            var data = new CommandResultData
            {
                Value = (string?)answer["markdown"] ?? message, Format = CommandResultFormat.Markdown, DisplayImmediately = true,
            };
            return (bool)answer["ok"]! ? CommandResults.Success(message, data) : CommandResults.Failure(message, data);
        }
        catch (Exception e) when (e is HttpRequestException or JsonException)
        {
            return CommandResults.Failure(
                $"{context.ResourceName} does not answer at {address} ({e.Message}). See whether it runs, and its log.");
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            return CommandResults.Failure($"{context.ResourceName} did not answer within {Http.Timeout.TotalSeconds:0} s. See its log.");
        }
    }
}
