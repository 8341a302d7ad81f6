using System.Globalization;

namespace Radar.AppHost.Commands;

/// <summary>
/// The producer's command to replay a recording: chosen in the dashboard, where it is uploaded, or named by its path, as the CLI does.
/// </summary>
internal static class ReplayCommand
{
    private const double SpeedMax = 1_000_000;

    public static IResourceBuilder<ProjectResource> WithReplayCommand(this IResourceBuilder<ProjectResource> producer) =>
        producer.WithCommand("replay", "Replay a recording", ReplayAsync, ControlCommand.WhileRunning(new()
        {
            Description =
                "Sends the ticks of a recording beside the producer's own: CSV, JSON lines, captures of venues, LEAN; plain, gzip or zip.",
            IconName = "History",
            Arguments =
            [
                new() { Name = "file", Label = "File", Description = "A recording, at most 100 MB.", InputType = InputType.File },
                new() { Name = "path", Label = "or its path", Description = "Full path of a recording on this machine, at most 512 MiB.",
                    InputType = InputType.Text, MaxLength = 4096, Placeholder = "/data/trades.csv.gz" },
                new() { Name = "speed", Label = "Speed", Description = "0 is as fast as possible, 1 the recorded pace.",
                    InputType = InputType.Number, Value = "0" },
            ],
            ValidateArguments = static validation =>
            {
                Validate(validation);
                return Task.CompletedTask;
            },
        }));

    private static void Validate(InputsDialogValidationContext validation)
    {
        bool hasFile = !string.IsNullOrEmpty(validation.Inputs.GetString("file"));
        string? path = validation.Inputs.GetString("path");
        if (hasFile == !string.IsNullOrEmpty(path))
            validation.AddValidationError("path", "Choose a file or give its path, one of them.");
        else if (Path(validation.Inputs) is { } named && (!System.IO.Path.IsPathFullyQualified(named) || !File.Exists(named)))
            validation.AddValidationError(hasFile ? "file" : "path", $"{named}: give the full path of a file that is there.");
        if (validation.Inputs.GetString("speed") is { Length: > 0 } && validation.Inputs.GetDouble("speed") is not (>= 0 and <= SpeedMax))
            validation.AddValidationError("speed", "A number from 0 (as fast as possible) to 1000000.");
    }

    /// <summary>The path that was given; null where a file was uploaded. The CLI hands the value of <c>--file</c> on as it is.</summary>
    private static string? Path(InteractionInputCollection inputs) =>
        inputs.GetString("path") is { Length: > 0 } path ? path
            : inputs["file"] is { } file && file.GetFiles().Count == 0 ? file.Value
            : null;

    private static async Task<ExecuteCommandResult> ReplayAsync(ExecuteCommandContext context)
    {
        double speed = context.Arguments.GetString("speed") is { Length: > 0 } ? context.Arguments.GetDouble("speed") : 0;
        if (Path(context.Arguments) is { } path)
        {
            try
            {
                await using var stream = File.OpenRead(path);
                return await SendAsync(context, System.IO.Path.GetFileName(path), stream, speed);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return CommandResults.Failure($"{path} cannot be read: {e.Message}");
            }
        }

        using var files = context.Arguments["file"].GetFiles();
        await using var upload = files[0].OpenRead();
        return await SendAsync(context, files[0].Name, upload, speed);
    }

    private static async Task<ExecuteCommandResult> SendAsync(ExecuteCommandContext context, string name, Stream recording, double speed)
    {
        using var body = new StreamContent(recording);
        string query = string.Create(CultureInfo.InvariantCulture, $"?name={Uri.EscapeDataString(name)}&speed={speed}");
        return await ControlCommand.PostAsync(context, ControlCommand.ReplicaAddress(context), "/replay" + query, body);
    }
}
