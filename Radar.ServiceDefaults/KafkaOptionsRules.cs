using Confluent.Kafka;
using Microsoft.Extensions.Options;
using Radar.Market;

namespace Radar.ServiceDefaults;

/// <summary>What the attributes of <see cref="KafkaOptions"/> cannot say.</summary>
internal sealed class KafkaOptionsRules : IValidateOptions<KafkaOptions>
{
    public ValidateOptionsResult Validate(string? name, KafkaOptions options)
    {
        var failures = new List<string>();
        if (options.DeadLetters == options.Topic)
            failures.Add($"Kafka:DeadLetterTopic is the topic itself, {options.Topic}: refused records would be read again. Give another.");
        if (Fault(options.Client) is { } fault)
            failures.Add($"Kafka:Client: {fault}");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>
    /// Only librdkafka knows its settings, and it checks them where a client is made, together: some are valid only beside others. That
    /// client connects to nobody and is freed at once. The message names the setting, and of its value what is no secret.
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
            return e.Message;
        }
    }
}
