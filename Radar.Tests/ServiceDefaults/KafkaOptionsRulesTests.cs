using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Tests.ServiceDefaults;

public sealed class KafkaOptionsRulesTests
{
    [Fact]
    public void Settings_that_are_valid_only_beside_each_other_are_accepted()
    {
        var result = Validate(
            ("security.protocol", "SASL_SSL"), ("sasl.mechanism", "SCRAM-SHA-512"), ("sasl.username", "radar"),
            ("sasl.password", "secret"));

        Assert.False(result.Failed, result.FailureMessage);
    }

    [Fact]
    public void Fault_names_the_setting_and_no_secret()
    {
        var result = Validate(("sasl.password", "secret"), ("security.protocol", "SALS"));

        string failure = Assert.Single(result.Failures!);
        Assert.StartsWith("Kafka:Client: ", failure, StringComparison.Ordinal);
        Assert.Contains("security.protocol", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("acks", "1", "acknowledged by all in-sync replicas")]
    [InlineData("request.required.acks", "0", "acknowledged by all in-sync replicas")]
    [InlineData("enable.idempotence", "false", "written once")]
    [InlineData("retries", "0", "however long that is away")]
    [InlineData("enable.auto.commit", "true", "Redis holds the position")]
    [InlineData("auto.offset.reset", "latest", "Redis holds the position")]
    [InlineData("isolation.level", "read_uncommitted", "only committed records")]
    [InlineData("group.id", "other", "Kafka:ConsumerGroup")]
    [InlineData("batch.size", "1", "Producer:BatchBytes")]
    public void Setting_on_which_the_promises_rest_is_refused_with_the_reason(string setting, string value, string reason)
    {
        string failure = Assert.Single(Validate((setting, value)).Failures!);

        Assert.Contains($"Kafka:Client:{setting} may not be set", failure, StringComparison.Ordinal);
        Assert.Contains(reason, failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("client.rack", "eu-1a")]
    [InlineData("client.id", "radar")]
    [InlineData("session.timeout.ms", "6000")]
    [InlineData("fetch.wait.max.ms", "10")]
    public void Settings_of_the_connection_are_accepted(string setting, string value) => Assert.False(Validate((setting, value)).Failed);

    private static Microsoft.Extensions.Options.ValidateOptionsResult Validate(params (string Name, string Value)[] settings)
    {
        var options = new KafkaOptions();
        foreach (var (name, value) in settings)
            options.Client[name] = value;
        return new KafkaOptionsRules().Validate(null, options);
    }
}
