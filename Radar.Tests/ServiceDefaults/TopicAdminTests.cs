using System.Reflection;
using Confluent.Kafka;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Radar.ServiceDefaults;

namespace Radar.Tests.ServiceDefaults;

/// <summary>An admin client that destroyed itself, which Confluent's does when it cannot read an answer.</summary>
public sealed class TopicAdminTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private readonly List<FakeAdmin> _clients = [];
    private readonly TopicAdmin _admin;

    public TopicAdminTests() => _admin = new TopicAdmin(
        () =>
        {
            var client = DispatchProxy.Create<IAdminClient, FakeAdmin>();
            _clients.Add((FakeAdmin)(object)client);
            return client;
        },
        "localhost:9092", _time, NullLogger<TopicAdmin>.Instance);

    public void Dispose() => _admin.Dispose();

    [Fact]
    public async Task Request_that_is_never_answered_ends_and_its_client_is_not_disposed_which_would_end_the_process()
    {
        var asked = _admin.AskAsync(static _ => new TaskCompletionSource<int>().Task, Timeout);
        _time.Advance(Timeout * 2);
        await Assert.ThrowsAsync<KafkaException>(() => asked);

        _admin.Dispose();
        Assert.Equal(0, Assert.Single(_clients).Disposed);
    }

    [Fact]
    public async Task Client_that_destroyed_itself_is_let_go_and_a_new_one_asks()
    {
        var unanswered = _admin.AskAsync(static _ => new TaskCompletionSource<int>().Task, Timeout); // what it cannot read
        await Assert.ThrowsAsync<KafkaException>(
            () => _admin.AskAsync<int>(static _ => throw new ObjectDisposedException("handle is destroyed"), Timeout));

        Assert.Equal(7, await _admin.AskAsync(static _ => Task.FromResult(7), Timeout));
        _admin.Dispose();
        Assert.Equal([0, 1], _clients.Select(client => client.Disposed));
        _time.Advance(Timeout * 2);
        await Assert.ThrowsAsync<KafkaException>(() => unanswered);
    }

    [Fact]
    public async Task Client_that_was_only_slow_is_kept()
    {
        var slow = new TaskCompletionSource<int>();
        var asked = _admin.AskAsync(_ => slow.Task, Timeout);
        _time.Advance(Timeout * 2);
        await Assert.ThrowsAsync<KafkaException>(() => asked);

        Assert.Equal(7, await _admin.AskAsync(static _ => Task.FromResult(7), Timeout));
        Assert.Single(_clients);
    }

    [Fact]
    public async Task Client_whose_request_is_under_way_is_not_disposed()
    {
        var asked = _admin.AskAsync(static _ => new TaskCompletionSource<int>().Task, Timeout);

        _admin.Dispose();

        Assert.Equal(0, Assert.Single(_clients).Disposed);
        _time.Advance(Timeout * 2);
        await Assert.ThrowsAsync<KafkaException>(() => asked);
    }

    /// <summary>Counts how often it is disposed.</summary>
    public class FakeAdmin : DispatchProxy
    {
        public int Disposed { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Assert.Equal(nameof(IDisposable.Dispose), targetMethod!.Name);
            Disposed++;
            return null;
        }
    }
}
