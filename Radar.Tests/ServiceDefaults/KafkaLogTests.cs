using Confluent.Kafka;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Radar.ServiceDefaults;

namespace Radar.Tests.ServiceDefaults;

public sealed class KafkaLogTests
{
    [Fact]
    public void Line_of_a_client_that_is_still_being_made_is_logged()
    {
        using var services = new ServiceCollection().AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace)).BuildServiceProvider();
        var handler = KafkaLog.Handler(services);

        // An exception here would reach a thread of librdkafka and end the process.
        handler(null!, new LogMessage("radar#producer-1", SyslogLevel.Error, "FAIL", "Connection refused"));
    }
}
