namespace Radar.Tests.Deploy;

public sealed class ComposeFileTests
{
    [Fact]
    public void Compose_file_has_no_fault() => Assert.Empty(ComposeFile.Faults(ComposeFile.Text, ComposeFile.Example));

    /// <summary>Each check sees what it is for.</summary>
    [Theory]
    [InlineData("Auth__Mode: keys", "Auth__Modes: keys", "Auth__Modes is no setting")]
    [InlineData("Producer__Source: synthetic", "Kafka__Partitions: many", "no whole number")]
    [InlineData("cap_drop: [ALL]", "cap_drop: [CHOWN]", "rights that it does not need")]
    [InlineData("read_only: true\n  tmpfs: [/tmp] #", "tmpfs: [/tmp] #", "may write")]
    [InlineData("limits: { memory: 512m }", "limits: { cpus: 1 }", "no limit of memory")]
    [InlineData("restart: unless-stopped", "restart: \"no\"", "not started again")]
    [InlineData("API_LISTEN:-127.0.0.1:8000", "API_LISTEN:-8000", "api listens beyond")]
    [InlineData("stop_grace_period: 40s", "stop_grace_period: 10s", "killed before")]
    [InlineData("${DASHBOARD_TOKEN:?", "${DASHBOARD_TOKEN:-secret ", "has a default")]
    [InlineData("${API_LISTEN:-127.0.0.1:8000}", "${API_LISTEN}", "has no default")]
    [InlineData("${OTLP_KEY:?", "${OTLP_API_KEY:?", "is not in the example")]
    public void Fault_of_a_compose_file_is_found(string text, string broken, string fault)
    {
        Assert.Contains(text, ComposeFile.Text, StringComparison.Ordinal);

        var faults = ComposeFile.Faults(ComposeFile.Text.Replace(text, broken, StringComparison.Ordinal), ComposeFile.Example);

        Assert.Contains(faults, found => found.Contains(fault, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("REDIS_PASSWORD=", "REDIS_PASSWORD=radar", "has a value in the example")]
    [InlineData("#API_LISTEN=", "#API_PORT=", "is in the example of .env and not used")]
    public void Fault_of_the_example_is_found(string text, string broken, string fault)
    {
        var faults = ComposeFile.Faults(ComposeFile.Text, ComposeFile.Example.Replace(text, broken, StringComparison.Ordinal));

        Assert.Contains(faults, found => found.Contains(fault, StringComparison.Ordinal));
    }
}
