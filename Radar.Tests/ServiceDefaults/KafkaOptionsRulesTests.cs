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

    private static Microsoft.Extensions.Options.ValidateOptionsResult Validate(params (string Name, string Value)[] settings)
    {
        var options = new KafkaOptions();
        foreach (var (name, value) in settings)
            options.Client[name] = value;
        return new KafkaOptionsRules().Validate(null, options);
    }
}
