using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;

namespace Radar.ServiceDefaults;

/// <summary>What the attributes of <see cref="KafkaOptions"/> cannot say.</summary>
internal sealed class KafkaOptionsRules : IValidateOptions<KafkaOptions>
{
    /// <summary>Shorter values, such as 1, may be parts of any word: they are hidden where they stand in quotes.</summary>
    private const int HiddenAnywhereMin = 5;

    public ValidateOptionsResult Validate(string? name, KafkaOptions options)
    {
        var failures = new List<string>();
        if (options.DeadLetters == options.Topic)
            failures.Add($"Kafka:DeadLetterTopic is the topic itself, {options.Topic}: refused records would be read again. Give another.");
        failures.AddRange(options.Client.Keys.Select(KafkaReserved.FaultOf).OfType<string>());
        if (Fault(options.Client) is { } fault)
            failures.Add($"Kafka:Client: {fault}");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>
    /// Only librdkafka knows its settings, and it checks them where a client is made, together: some are valid only beside others. That
    /// client connects to no server and is freed at once. The message names the setting, and quotes no value: a secret may be in any.
    /// </summary>
    private static string? Fault(Dictionary<string, string> settings)
    {
        if (settings.Count == 0)
            return null;
        var config = new AdminClientConfig();
        try
        {
            foreach (var (name, value) in settings)
                config.Set(name, value);
            using var client = new AdminClientBuilder(config).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            return settings.Values.Where(value => value.Length > 0).OrderByDescending(value => value.Length)
                .Aggregate(e.Message, (text, value) => value.Length < HiddenAnywhereMin
                    ? text.Replace($"\"{value}\"", "\"…\"", StringComparison.OrdinalIgnoreCase)
                    : text.Replace(value, "…", StringComparison.OrdinalIgnoreCase));
        }
    }
}
