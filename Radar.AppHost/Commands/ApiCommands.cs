namespace Radar.AppHost.Commands;

/// <summary>The command of the API: what it answers against what the log gives.</summary>
internal static class ApiCommands
{
    private static readonly KeyValuePair<string, string>[] Timeframes =
        [new("1Min", "1 minute"), new("5Min", "5 minutes"), new("15Min", "15 minutes"), new("1Hour", "1 hour"), new("1Day", "1 day")];

    /// <summary>Adds the command and what it needs: the consumer's settings, by which the log is folded.</summary>
    public static IResourceBuilder<ProjectResource> WithApiCommands(this IResourceBuilder<ProjectResource> api) => api
        .WithControlKey()
        .WithSettings("Projection", "Consumer:FutureToleranceSeconds")
        .WithControlCommand("verify", "Verify a symbol", "/verify", static context => new
        {
            symbol = context.Arguments.GetString("symbol"),
            timeframe = context.Arguments.GetString("timeframe"),
        }, new()
        {
            Description = "Rebuilds the symbol's state from the log and compares it with the API's answer.",
            IconName = "CheckmarkCircle",
            IsHighlighted = true,
            Arguments =
            [
                new() { Name = "symbol", Label = "Symbol", Description = "As in /api/v2/symbols.", InputType = InputType.Text,
                    Required = true, MaxLength = 64, Placeholder = "BTCUSDT" },
                new() { Name = "timeframe", Label = "Bars", Description = "Whose bars are compared.", InputType = InputType.Choice,
                    Required = true, Options = Timeframes, Value = "1Min" },
            ],
        });
}
