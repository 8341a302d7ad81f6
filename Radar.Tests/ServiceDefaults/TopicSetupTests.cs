using System.Reflection;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Radar.Market;
using Radar.ServiceDefaults;
using Radar.Tests.Fixtures;

namespace Radar.Tests.ServiceDefaults;

/// <summary>A user who may not create topics, until somebody grants it.</summary>
public sealed class TopicSetupTests
{
    private const string Topic = "t.dlq";

    [Fact]
    public async Task Topic_that_may_not_be_created_is_tried_again_until_it_may_and_one_line_reports_it()
    {
        var time = new FakeTimeProvider();
        using var lines = new LogLines();
        using var loggers = LoggerFactory.Create(logging => logging.AddProvider(lines));
        await using var services = new ServiceCollection().BuildServiceProvider();
        var client = DispatchProxy.Create<IAdminClient, Admin>();
        var admin = (Admin)(object)client;
        var setup = new TopicSetup(
            new GuardedAdmin(client), new KafkaClients("localhost:9092", services), Options.Create(new KafkaOptions()), time,
            loggers.CreateLogger<TopicSetup>());

        Task<int> found = setup.EnsureAsync(Topic, CancellationToken.None);
        await UntilAsync(() => admin.Refusals >= 3);
        admin.MayCreate = true;
        await UntilAsync(() => found.IsCompleted);

        Assert.Equal(1, await found);
        Assert.Single(lines.Text.Split('\n'), line => line.Contains(
            "Error: The broker does not let Radar create topic t.dlq (Topic authorization failed). Create it, or grant Radar the right",
            StringComparison.Ordinal));

        Task UntilAsync(Func<bool> condition) => Wait.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(condition());
            },
            "the creation is tried again and again, and the topic is there in the end");
    }

    /// <summary>A broker without topics, which creates the one that is asked for when it may.</summary>
    public class Admin : DispatchProxy
    {
        private volatile bool _exists;
        private int _refusals;

        public bool MayCreate { get; set; }

        public int Refusals => Volatile.Read(ref _refusals);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IAdminClient.GetMetadata))
            {
                var partition = new PartitionMetadata(0, 1, [1], [1], new Error(ErrorCode.NoError));
                return new Metadata([], _exists ? [new TopicMetadata(Topic, [partition], new Error(ErrorCode.NoError))] : [], 1, "broker");
            }

            Assert.Equal(nameof(IAdminClient.CreateTopicsAsync), targetMethod.Name);
            if (MayCreate)
            {
                _exists = true;
                return Task.CompletedTask;
            }

            Interlocked.Increment(ref _refusals);
            var error = new Error(ErrorCode.TopicAuthorizationFailed, "Topic authorization failed");
            return Task.FromException(new CreateTopicsException([new CreateTopicReport { Topic = Topic, Error = error }]));
        }
    }
}
