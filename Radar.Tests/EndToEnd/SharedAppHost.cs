using Aspire.Hosting.ApplicationModel;
using Radar.Tests.Fixtures;

namespace Radar.Tests.EndToEnd;

/// <summary>
/// One AppHost for the tests of a class, since a start takes half a minute. It has two replicas of consumer and API. A test leaves it as
/// it found it, healthy; the last one stops it. None is started where something is missing and the tests are skipped.
/// </summary>
public abstract class SharedAppHost : IAsyncLifetime
{
    private RunningAppHost? _host;
    private bool _stopped;

    /// <summary>What every AppHost here is started with.</summary>
    /// <remarks>Where few cores start many processes, the consumer may come seconds after the producer: a lag, and no fault.</remarks>
    internal static IReadOnlyList<string> Common { get; } = ["--ConsumerReplicas=2", "--ApiReplicas=2", "--Api:StaleAfterMs=60000"];

    /// <summary>The AppHost.</summary>
    internal RunningAppHost Host => _host ?? throw new InvalidOperationException(Requirement.MissingFor(GetType()));

    /// <summary>What was logged at Warning or above until it was healthy.</summary>
    internal IReadOnlyList<string> ComplaintsOfStart { get; private set; } = [];

    /// <summary>The topic of the ticks.</summary>
    internal virtual string Topic => "market-ticks";

    public virtual async Task InitializeAsync()
    {
        if (Requirement.MissingFor(GetType()) is null)
        {
            _host = await RunningAppHost.StartAsync(
                [.. Common, "--Kafka:Partitions=4", "--Producer:Synthetic:Rate=25", "--Producer:Synthetic:PastMinutes=0", .. Settings]);
            ComplaintsOfStart = await Complaints.OfStartAsync(_host);
        }
    }

    public virtual async Task DisposeAsync()
    {
        if (_host is not null && !_stopped)
            await _host.DisposeAsync();
    }

    /// <summary>Stops it, once everything is healthy.</summary>
    /// <returns>What was logged at Warning or above since then.</returns>
    internal virtual async Task<IReadOnlyList<string>> StopAsync()
    {
        await Host.UntilHealthyAsync();
        return await StopNowAsync();
    }

    /// <summary>Stops it and gives what was logged at Warning or above from here on.</summary>
    protected async Task<IReadOnlyList<string>> StopNowAsync()
    {
        _stopped = true;
        return await Complaints.OfStopAsync(Host, TimeProvider.System.GetUtcNow());
    }

    /// <summary>What chooses the infrastructure.</summary>
    internal abstract IReadOnlyList<string> Settings { get; }

    /// <summary>Takes a server away at once; <paramref name="server"/> is <c>kafka</c> or <c>redis</c>.</summary>
    internal abstract Task KillAsync(string server);

    /// <summary>Brings it back.</summary>
    internal abstract Task BringBackAsync(string server);
}

/// <summary>On the embedded servers, both in the process of the resource <c>infrastructure</c>; with settings of the services.</summary>
public sealed class EmbeddedAppHost : SharedAppHost
{
    public const int Partitions = 5;

    internal override string Topic => "ticks";

    internal override IReadOnlyList<string> Settings =>
        ["--Infrastructure=embedded", $"--Kafka:Topic={Topic}", $"--Kafka:Partitions={Partitions}", "--Producer:Synthetic:Rate=100"];

    internal override Task KillAsync(string server) => Host.CommandAsync("infrastructure", "stop-" + server);

    internal override Task BringBackAsync(string server) => Host.CommandAsync("infrastructure", "start-" + server);
}

/// <summary>On Apache Kafka from <c>KAFKA_HOME</c>, a child of the resource <c>infrastructure</c>, and <c>redis-server</c>.</summary>
[Requires(Need.KafkaHome, Need.RedisServer)]
public sealed class KafkaHomeAppHost : SharedAppHost
{
    internal override IReadOnlyList<string> Settings { get; } = ["--Infrastructure=kafka-home"];

    internal override Task KillAsync(string server) => Host.CommandAsync("infrastructure", "stop-" + server);

    internal override Task BringBackAsync(string server) => Host.CommandAsync("infrastructure", "start-" + server);
}

/// <summary>On containers, with volumes of its own.</summary>
[Requires(Need.Containers)]
public sealed class ContainersAppHost : SharedAppHost
{
    private readonly string _prefix = TestVolumes.NewPrefix();

    internal override IReadOnlyList<string> Settings => ["--Infrastructure=containers", TestVolumes.Setting(_prefix)];

    /// <summary>Every answer when it was stopped; null while it runs.</summary>
    internal Dictionary<string, string>? AnswersAtStop { get; private set; }

    /// <summary>Number of ticks in the topic when it was stopped.</summary>
    internal int CountAtStop { get; private set; }

    public override async Task InitializeAsync()
    {
        if (Requirement.MissingFor(GetType()) is null)
            await TestVolumes.OfTestsOnlyAsync(_prefix);
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        if (Requirement.MissingFor(GetType()) is null)
            await TestVolumes.DeleteAsync(_prefix);
    }

    internal override async Task<IReadOnlyList<string>> StopAsync()
    {
        await Host.UntilHealthyAsync();
        await Host.CommandAsync("producer", KnownResourceCommands.StopCommand);
        var topic = await Host.WithinAsync(TopicLog.ReadAsync(await Host.ConnectionStringAsync("kafka"), Topic), "the topic is read");
        CountAtStop = topic.Count;
        await ServedState.UntilServedAsync(Host, CountAtStop);
        AnswersAtStop = await ServedState.AnswersAsync(Host);
        return await StopNowAsync();
    }

    internal override Task KillAsync(string server) => Containers.KillAsync(Host, server);

    internal override Task BringBackAsync(string server) => Host.CommandAsync(server, KnownResourceCommands.StartCommand);
}
