using Confluent.Kafka;
using Microsoft.Extensions.Time.Testing;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Tests.ServiceDefaults;

public sealed class KafkaFaultTests
{
    /// <summary>Lines of librdkafka 2.16, and of its newer and older relatives.</summary>
    [Theory]
    [InlineData(
        "[thrd:127.0.0.1:1/bootstrap]: 127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused "
            + "(after 0ms in state CONNECT)",
        "connection refused")]
    [InlineData(
        "[thrd:nohost:9092/bootstrap]: nohost:9092/bootstrap: Failed to resolve 'nohost:9092': Name or service not known "
            + "(after 5ms in state CONNECT)",
        "its name is not known to DNS")]
    [InlineData(
        "[thrd:sasl_plaintext://a:1/bootstrap]: sasl_plaintext://a:1/bootstrap: SASL authentication error: Authentication failed: Invalid "
            + "username or password (after 304ms in state AUTH_REQ)",
        "user or password is refused: Kafka:Client:sasl.username and sasl.password")]
    [InlineData(
        "ssl://a:1/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not "
            + "be verified, verify that ssl.ca.location is correctly configured (after 3ms in state SSL_HANDSHAKE)",
        "its TLS certificate is not trusted, out of date, or for another name: Kafka:Client:ssl.ca.location")]
    [InlineData(
        "ssl://a:1/bootstrap: SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener? (after 1ms in state "
            + "SSL_HANDSHAKE)",
        "it does not use TLS, which Kafka:Client:security.protocol asks for")]
    [InlineData(
        "a:1/bootstrap: Disconnected while requesting ApiVersion: might be caused by incorrect security.protocol configuration "
            + "(connecting to a SSL listener?) or broker version is < 0.10 (after 2ms in state APIVERSION_QUERY)",
        "it closes the connection; a listener with TLS or SASL needs Kafka:Client:security.protocol")]
    [InlineData("a:1/bootstrap: Connection setup timed out in state CONNECT (after 30029ms in state CONNECT)", "no answer in time")]
    public void Cause_of_a_failed_connection_is_named_without_what_is_librdkafkas(string line, string words)
    {
        var fault = new KafkaFault(new FakeTimeProvider());
        fault.Note(line);

        Assert.Equal(words, fault.Of(new Error(ErrorCode.Local_Transport, "Local: Broker transport failure")).Public);
        Assert.Equal(words, fault.Of(new Error(ErrorCode.Local_TimedOut, "Failed while waiting for metadata: Local: Timed out")).Public);
        Assert.Equal(words, fault.Of(new Error(ErrorCode.Local_AllBrokersDown, "1/1 brokers are down")).Public);
    }

    [Fact]
    public void Cause_is_forgotten_and_is_none_of_another_error()
    {
        var time = new FakeTimeProvider();
        var fault = new KafkaFault(time);
        fault.Note("Connection refused");
        var timedOut = new Error(ErrorCode.Local_TimedOut, "Local: Timed out");

        Assert.Equal(
            new Explanation("Topic authorization failed", "market-ticks: Topic authorization failed"),
            fault.Of(new Error(ErrorCode.TopicAuthorizationFailed, "market-ticks: Broker: Topic authorization failed")));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("no answer in time", fault.Of(timedOut).Public);
    }

    [Theory]
    [InlineData(ErrorCode.Local_Transport, "the connection broke or was not made")]
    [InlineData(ErrorCode.Local_AllBrokersDown, "no broker can be reached")]
    [InlineData(ErrorCode.Local_TimedOut, "no answer in time")]
    public void Without_a_cause_the_code_is_told_in_words(ErrorCode code, string words) =>
        Assert.Equal(words, KafkaFault.WordsOf(new Error(code, "[thrd:a]: a:1/bootstrap: x (after 1ms in state UP)")).Public);
}
