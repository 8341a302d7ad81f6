using System.Globalization;
using Microsoft.Extensions.Options;
using Radar.Market;

namespace Radar.Producer.Topics;

/// <summary>
/// Rules across fields of <see cref="TopicOptions"/>: field paths, names of sides, topics that would feed themselves, and times that leave
/// none for the commit.
/// </summary>
internal sealed class TopicOptionsRules(IOptions<KafkaOptions> kafka) : IValidateOptions<ProducerOptions>
{
    public ValidateOptionsResult Validate(string? name, ProducerOptions options)
    {
        var faults = new List<string>();
        if (options.Source == SourceNames.Kafka)
        {
            CheckName(options.Topic.Name, faults);
            CheckTimes(options, faults);
        }

        TopicMapping.TryCreate(options.Topic, options.SymbolFormat, faults, out _);
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static void CheckTimes(ProducerOptions options, List<string> faults)
    {
        int timeoutMs = options.Topic.TransactionTimeoutMs;
        if (options.Topic.BatchMs >= timeoutMs)
        {
            faults.Add(
                $"Producer:Topic:BatchMs ({options.Topic.BatchMs}) must be less than TransactionTimeoutMs ({timeoutMs}): Kafka would "
                    + $"abort every transaction before its commit.");
        }

        if (options.LingerMs > timeoutMs)
        {
            faults.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"Producer:LingerMs ({options.LingerMs}) must not be more than Producer:Topic:TransactionTimeoutMs ({timeoutMs}): a "
                    + $"tick has to be sent before its transaction ends."));
        }
    }

    private void CheckName(string? name, List<string> faults)
    {
        if (string.IsNullOrEmpty(name))
        {
            faults.Add("Producer:Topic:Name is missing: which topic is to be read? Or choose another Producer:Source.");
            return;
        }

        try
        {
            if (name == kafka.Value.Topic)
                faults.Add($"Producer:Topic:Name: {name} is the topic that is written (Kafka:Topic); it cannot be the one that is read.");
            else if (name == kafka.Value.DeadLetters)
                faults.Add($"Producer:Topic:Name: {name} is where dead letters go; what is refused again would never end.");
        }
        catch (OptionsValidationException)
        {
            // The section Kafka speaks for itself.
        }
    }
}
