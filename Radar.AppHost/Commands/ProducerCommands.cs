using System.Globalization;

namespace Radar.AppHost.Commands;

/// <summary>Commands of the producer: its rate, poison records, recordings.</summary>
internal static class ProducerCommands
{
    /// <summary>Largest rate that the producer takes.</summary>
    private const double RateMax = 100_000_000;

    /// <summary>Kinds of poison, by the producer's names, with what is wrong with each.</summary>
    public static readonly IReadOnlyList<KeyValuePair<string, string>> Poisons =
    [
        new("bad-json", "JSON that is cut off"),
        new("missing-price", "no price"),
        new("wrong-key", "a key that is not the symbol"),
        new("price-zero", "a price of 0"),
        new("future", "a time that is a year ahead"),
        new("too-large", "a value over 64 KiB"),
        new("empty-value", "a value of no bytes"),
        new("null-value", "no value: a tombstone"),
        new("not-utf8", "a value that is not UTF-8"),
        new("null-traceparent", "valid, but its header traceparent has no value"),
    ];

    /// <summary>Adds the commands and what they need.</summary>
    public static IResourceBuilder<ProjectResource> WithProducerCommands(this IResourceBuilder<ProjectResource> producer) => producer
        .WithControlKey()
        .WithControlCommand("rate-x10", "Rate × 10 for a minute", "/rate", static _ => new { factor = 10, seconds = 60 }, new()
        {
            Description = "Ten times the configured rate of the synthetic source, for a minute.", IconName = "TopSpeed",
            IsHighlighted = true,
        })
        .WithControlCommand("rate", "Set the rate", "/rate", static context =>
            new { rate = Number(context, "rate"), seconds = Number(context, "seconds") }, new()
        {
            Description = "Another rate of the synthetic source.",
            IconName = "Gauge",
            Arguments =
            [
                new() { Name = "rate", Label = "Ticks per second", Description = "0 is as fast as possible.", InputType = InputType.Number,
                    Required = true, Placeholder = "500" },
                new() { Name = "seconds", Label = "Seconds", Description = "How long; 0 is until it is set again.",
                    InputType = InputType.Number, Required = true, Value = "60" },
            ],
            ValidateArguments = static validation =>
            {
                Check(validation, "rate", RateMax);
                Check(validation, "seconds", 86_400);
                return Task.CompletedTask;
            },
        })
        .WithControlCommand("rate-back", "Back to the configured rate", "/rate", static _ => new { factor = 1 }, new()
        {
            Description = "Ends what another rate command began.", IconName = "ArrowReset",
        })
        .WithControlCommand("inject-poison", "Inject a poison record", "/inject", static context =>
            new { kind = context.Arguments.GetString("kind") }, new()
        {
            Description = "Sends one record that is not as it should be, and shows where its dead letter is.",
            IconName = "Bug",
            ConfirmationMessage =
                "The record stays in the topic. It is refused into the dead-letter topic; null-traceparent is applied"
                    + ", as symbol RADAR-TEST. Send it?",
            Arguments =
                [new() { Name = "kind", Label = "Kind", Description = "What is wrong with it.", InputType = InputType.Choice,
                    Required = true, Options = Poisons, Value = "bad-json" }],
        })
        .WithReplayCommand();

    private static double Number(ExecuteCommandContext context, string name) => context.Arguments.GetDouble(name);

    private static void Check(InputsDialogValidationContext validation, string name, double most)
    {
        if (validation.Inputs.GetDouble(name) is var value && !(value >= 0 && value <= most))
            validation.AddValidationError(name, string.Create(CultureInfo.InvariantCulture, $"A number from 0 to {most:0}."));
    }
}
