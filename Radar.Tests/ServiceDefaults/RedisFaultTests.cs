using System.Net.Sockets;
using Radar.Market;
using Radar.ServiceDefaults;
using Radar.Tests.Fixtures;
using StackExchange.Redis;

namespace Radar.Tests.ServiceDefaults;

/// <summary>What is said where Redis refuses to write, by the words of its versions.</summary>
public sealed class RedisFaultTests
{
    [Theory]
    [InlineData("OOM command not allowed when used memory > 'maxmemory'. script: 3424, on @user_script:1.", "Raise maxmemory")]
    [InlineData(
        "ERR Error running script (call to f_3424): @user_script:1: -OOM command not allowed when used memory > 'maxmemory'.",
        "Raise maxmemory")]
    [InlineData(
        "READONLY You can't write against a read only replica. script: 3424, on @user_script:1.",
        "Point ConnectionStrings:redis at the primary")]
    [InlineData("NOREPLICAS Not enough good replicas to write. script: 3424, on @user_script:1.", "min-replicas-to-write")]
    [InlineData("MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.", "cannot save its data")]
    public void Refused_write_is_named_with_its_cause_and_remedy(string words, string remedy)
    {
        var e = Answer(words);

        Assert.Contains(remedy, RedisFault.Of(e).Public, StringComparison.Ordinal);
        Assert.DoesNotContain("script", RedisFault.Of(e).Public, StringComparison.Ordinal);
        Assert.True(RedisFault.IsRefusal(e));
    }

    [Fact]
    public void Client_that_knows_only_a_replica_reports_the_same_as_the_replica()
    {
        var known = Unconnected(
            "No connection (requires writable - not eligible for replica) is active/available to service this operation: EVAL");
        var away = Unconnected("No connection is active/available to service this operation: EVAL");

        Assert.Equal(RedisFault.Of(Answer("READONLY You can't write against a read only replica.")), RedisFault.Of(known));
        Assert.Equal("no connection", RedisFault.Of(away).Public);
        Assert.Equal((true, false), (RedisFault.IsRefusal(known), RedisFault.IsRefusal(away)));
    }

    [Theory]
    [InlineData(SocketError.ConnectionRefused, "connection refused")]
    [InlineData(SocketError.HostNotFound, "its name is not known to DNS")]
    [InlineData(SocketError.TimedOut, "no answer in time")]
    [InlineData(SocketError.NetworkUnreachable, "its address cannot be reached")]
    public void Cause_of_a_failed_connection_is_named_without_the_clients_own_state(SocketError error, string cause)
    {
        const string State = "It was not possible to connect, mc: 1/1/0, mgr: 10 of 10 available, IOCP: (Busy=0,Free=1000)";
        var e = new RedisConnectionException(
            ConnectionFailureType.UnableToConnect, CommandFlags.None, State, new SocketException((int)error), CommandStatus.Unknown);

        Assert.Equal(cause, RedisFault.Of(e).Public);
        Assert.Equal(cause, RedisFault.Of(Unconnected(State), RedisFault.CauseOf(e)).Public);
        Assert.Equal("no connection", RedisFault.Of(Unconnected(State)).Public);
        Assert.Equal("no answer in time", RedisFault.Of(new RedisTimeoutException(CommandFlags.None, State, CommandStatus.Unknown)).Public);
    }

    [Theory]
    [InlineData("WRONGPASS invalid username-password pair or user is disabled.")]
    [InlineData("NOAUTH Authentication required.")]
    public void Password_that_is_refused_is_named(string words) =>
        Assert.Equal("user or password is missing or wrong", RedisFault.Of(Answer(words)).Public);

    [Fact]
    public void Other_messages_of_a_server_are_left_as_they_are_in_the_log_and_are_nowhere_else() =>
        Assert.Equal(
            new Explanation("it refuses a command; the log has its words", "ERR unknown"), RedisFault.Of(Answer("ERR unknown")));

    [Fact]
    public void Exceptions_that_nobody_expects_have_their_type_and_message_in_the_log_only()
    {
        PublicText.AssertHasNoInternals(RedisFault.Of(new InvalidOperationException("radar:{1.p00}:latest")).Public);
        PublicText.AssertHasNoInternals(RedisFault.Of(new FormatException("radar:{1.p00}:latest")).Public);
        Assert.Equal("radar:{1.p00}:latest", RedisFault.Of(new FormatException("radar:{1.p00}:latest")).Detailed);
    }

    private static RedisServerException Answer(string words) => new(default, CommandFlags.None, words);

    private static RedisConnectionException Unconnected(string words) =>
        new(ConnectionFailureType.UnableToResolvePhysicalConnection, CommandFlags.None, words, null, CommandStatus.Unknown);
}
