using System.Reflection;
using Confluent.Kafka;
using Radar.ServiceDefaults;
using Radar.Tests.Fixtures;

namespace Radar.Tests.ServiceDefaults;

/// <summary>The client's call blocks, and must not be under way when the client is disposed of.</summary>
public sealed class GuardedAdminTests
{
    [Fact]
    public async Task End_waits_for_the_call_that_is_under_way_and_refuses_others()
    {
        var client = DispatchProxy.Create<IAdminClient, SlowAdmin>();
        var admin = (SlowAdmin)(object)client;
        var guarded = new GuardedAdmin(client);
        var call = guarded.AllAsync(TimeSpan.FromSeconds(1));
        await Wait.UntilAsync(() => admin.IsAsked, "the client is asked");

        var end = Task.Run(() =>
        {
            guarded.Dispose();
            admin.Order.Add("disposed");
        });
        await Wait.UntilAsync(() => Record.Exception(() => guarded.All(TimeSpan.Zero)) is ObjectDisposedException, "no more calls");
        admin.Answer.Set();
        await call;
        await end;

        Assert.Equal(["answered", "disposed"], admin.Order);
        guarded.Dispose();
    }

    /// <summary>Answers once <see cref="Answer"/> is set; at once where the timeout is zero.</summary>
    public class SlowAdmin : DispatchProxy
    {
        private volatile bool _isAsked;

        public bool IsAsked => _isAsked;

        public ManualResetEventSlim Answer { get; } = new();

        public List<string> Order { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if ((TimeSpan)args![0]! == TimeSpan.Zero)
                return null;
            _isAsked = true;
            Answer.Wait();
            Order.Add("answered");
            return null;
        }
    }
}
