using Aspire.Hosting.ApplicationModel;
using Radar.Tests.Fixtures;

namespace Radar.Tests.EndToEnd;

/// <summary>
/// One AppHost for the tests of a class, since a start takes ten seconds and more. It has two API replicas. A test leaves it as it found
/// it, healthy. None is started where something is missing and the tests are skipped.
/// </summary>
public abstract class SharedAppHost : IAsyncLifetime
{
    private RunningAppHost? _host;
    private string? _missing;

    /// <summary>The AppHost. Asking skips the test, a <c>SkippableFact</c>, where something is missing for it.</summary>
    internal RunningAppHost Host
    {
        get
        {
            Requirement.Need(_missing);
            return _host!;
        }
    }

    public virtual async Task InitializeAsync()
    {
        _missing = await MissingAsync();
        if (_missing is null)
        {
            _host = await RunningAppHost.StartAsync(
                ["--ApiReplicas=2", "--Kafka:Partitions=4", "--Producer:Synthetic:Rate=25", .. Settings]);
        }
    }

    public virtual async Task DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
    }

    /// <summary>What chooses the infrastructure.</summary>
    internal abstract IReadOnlyList<string> Settings { get; }

    /// <summary>What is missing on this machine; null where nothing is.</summary>
    internal abstract Task<string?> MissingAsync();

    /// <summary>Takes a server away at once; <paramref name="server"/> is <c>kafka</c> or <c>redis</c>.</summary>
    internal abstract Task KillAsync(string server);

    /// <summary>Brings it back.</summary>
    internal abstract Task BringBackAsync(string server);
}

/// <summary>On the embedded servers, both in the process of the resource <c>infrastructure</c>.</summary>
public sealed class EmbeddedAppHost : SharedAppHost
{
    internal override IReadOnlyList<string> Settings { get; } = ["--Infrastructure=embedded"];

    internal override Task<string?> MissingAsync() => Task.FromResult<string?>(null);

    internal override Task KillAsync(string server) => Host.CommandAsync("infrastructure", "stop-" + server);

    internal override Task BringBackAsync(string server) => Host.CommandAsync("infrastructure", "start-" + server);
}

/// <summary>On Apache Kafka from <c>KAFKA_HOME</c>, a child of the resource <c>infrastructure</c>, and <c>redis-server</c>.</summary>
public sealed class KafkaHomeAppHost : SharedAppHost
{
    internal override IReadOnlyList<string> Settings { get; } = ["--Infrastructure=kafka-home"];

    internal override Task<string?> MissingAsync() => Task.FromResult(Requirement.KafkaHome ?? Requirement.RedisServer);

    internal override Task KillAsync(string server) => Host.CommandAsync("infrastructure", "stop-" + server);

    internal override Task BringBackAsync(string server) => Host.CommandAsync("infrastructure", "start-" + server);
}

/// <summary>On containers, with volumes of its own.</summary>
public sealed class ContainersAppHost : SharedAppHost
{
    private readonly string _prefix = TestVolumes.NewPrefix();

    internal override IReadOnlyList<string> Settings => ["--Infrastructure=containers", TestVolumes.Setting(_prefix)];

    public override async Task InitializeAsync()
    {
        if (await MissingAsync() is null)
            await TestVolumes.OfTestsOnlyAsync(_prefix);
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (await MissingAsync() is null)
            await TestVolumes.DeleteAsync(_prefix);
    }

    internal override Task<string?> MissingAsync() => Containers.MissingAsync();

    internal override Task KillAsync(string server) => Containers.KillAsync(Host, server);

    internal override Task BringBackAsync(string server) => Host.CommandAsync(server, KnownResourceCommands.StartCommand);
}
