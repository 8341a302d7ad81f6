using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Radar.Consumer.Topics;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Consumer.Topics;

public sealed class TopicConfirmationTests
{
    private static readonly TopicIdentity Old = new("market-ticks", "old", 1);
    private static readonly TopicIdentity New = new("market-ticks", "new", 1);

    private readonly FakeTimeProvider _time = new();
    private readonly List<TaskCompletionSource<TopicIdentity>> _requests = []; // locked; in the order in which they began

    /// <summary>What began before a record came says nothing about that record.</summary>
    [Fact]
    public async Task Request_that_is_under_way_is_not_shared_with_later_callers()
    {
        var confirmation = Confirmation();
        Task<TopicIdentity> before = confirmation.AskAsync();
        (await BegunAsync(1)).SetResult(Old);
        Assert.Equal(Old, await before);

        before = confirmation.AskAsync();
        var underWay = await BegunAsync(2);
        Task<TopicIdentity> after = confirmation.AskAsync();
        underWay.SetResult(Old);
        Assert.Equal(Old, await before);
        var next = await BegunAsync(3);
        Assert.False(after.IsCompleted);
        next.SetResult(New);
        Assert.Equal(New, await after);
    }

    [Fact]
    public async Task All_who_ask_while_a_request_is_under_way_share_the_next_one()
    {
        var confirmation = Confirmation();
        Task<TopicIdentity> first = confirmation.AskAsync();
        var underWay = await BegunAsync(1);
        Task<TopicIdentity>[] others = [.. Enumerable.Range(0, 12).Select(_ => confirmation.AskAsync())];
        underWay.SetResult(Old);
        (await BegunAsync(2)).SetResult(Old);

        Assert.Equal(Old, await first);
        await Task.WhenAll(others);
        Assert.Equal(2, _requests.Count);
    }

    [Fact]
    public async Task Answer_proves_what_was_received_before_its_request_began_and_nothing_later()
    {
        var confirmation = Confirmation();
        int before = confirmation.Begun;
        Assert.False(before < confirmation.ProvenBelow(Old)); // no answer yet
        Task<TopicIdentity> answer = confirmation.AskAsync();
        var request = await BegunAsync(1);
        int meanwhile = confirmation.Begun;
        request.SetResult(Old);
        await answer;

        Assert.True(before < confirmation.ProvenBelow(Old));
        Assert.False(meanwhile < confirmation.ProvenBelow(Old));
        Assert.False(before < confirmation.ProvenBelow(New));
    }

    [Fact]
    public async Task Answer_that_names_another_topic_proves_nothing_that_an_earlier_one_had_proven()
    {
        var confirmation = Confirmation();
        int before = confirmation.Begun;
        foreach (var (number, identity) in ((int, TopicIdentity)[])[(1, Old), (2, New)])
        {
            Task<TopicIdentity> answer = confirmation.AskAsync();
            (await BegunAsync(number)).SetResult(identity);
            await answer;
        }

        Assert.False(before < confirmation.ProvenBelow(Old));
    }

    /// <summary>Tells how long nothing is asked after a request that began and was answered.</summary>
    [Theory]
    [InlineData(false, false, 10)]
    [InlineData(true, true, 50)]
    [InlineData(true, false, 10)]
    public async Task Requests_keep_their_distance_which_is_longer_where_only_a_backlog_waits(bool first, bool second, int ms)
    {
        var confirmation = Confirmation();
        Task<TopicIdentity> before = confirmation.AskAsync();
        (await BegunAsync(1)).SetResult(Old);
        await before;
        DateTimeOffset began = _time.GetUtcNow();

        Task<TopicIdentity>[] answers = [confirmation.AskAsync(first), confirmation.AskAsync(second)];
        (await BegunAsync(2)).SetResult(Old);
        await Task.WhenAll(answers);

        Assert.InRange((_time.GetUtcNow() - began).TotalMilliseconds, ms, ms + 20); // time may pass while a request begins
    }

    [Fact]
    public async Task Kafka_is_asked_again_until_it_answers()
    {
        var confirmation = Confirmation();
        Task<TopicIdentity> answer = confirmation.AskAsync();
        (await BegunAsync(1)).SetException(new KafkaException(ErrorCode.Local_TimedOut));
        await Wait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(Begun == 2);
            },
            "it is asked again");
        Assert.False(answer.IsCompleted);
        (await BegunAsync(2)).SetResult(Old);

        Assert.Equal(Old, await answer);
    }

    [Theory]
    [InlineData("id", null, true)]
    [InlineData(null, null, false)]
    [InlineData("configured", "configured", false)]
    public void Only_a_topic_whose_id_the_broker_names_needs_to_be_confirmed(string? id, string? configured, bool isNeeded) =>
        Assert.Equal(isNeeded, Confirmation(configured).IsNeeded(Old with { Id = id }));

    private int Begun
    {
        get
        {
            lock (_requests)
                return _requests.Count;
        }
    }

    private TopicConfirmation Confirmation(string? configured = null) => new(
        () =>
        {
            lock (_requests)
            {
                _requests.Add(new TaskCompletionSource<TopicIdentity>(TaskCreationOptions.RunContinuationsAsynchronously));
                return _requests[^1].Task;
            }
        },
        new KafkaClients("kafka:9092", new ServiceCollection().BuildServiceProvider()),
        Options.Create(new KafkaOptions { TopicIdentity = configured }),
        _time,
        NullLogger<TopicConfirmation>.Instance);

    private async Task<TaskCompletionSource<TopicIdentity>> BegunAsync(int count)
    {
        await Wait.UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(Begun < count ? 1 : 0));
                return Task.FromResult(Begun >= count);
            },
            $"{count} requests have begun");
        lock (_requests)
            return _requests[count - 1];
    }
}
