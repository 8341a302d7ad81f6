using StackExchange.Redis;

namespace Radar.Tests.Fixtures;

/// <summary>
/// Clients of the tests' own Redis: that it does not answer within the 5 s of the client's defaults shows only that the machine is busy.
/// </summary>
internal static class PatientRedis
{
    private const int TimeoutMs = 60_000;

    /// <summary>Connects a test.</summary>
    public static ConnectionMultiplexer Connect(string address) => ConnectionMultiplexer.Connect(Options(address));

    /// <inheritdoc cref="Connect"/>
    public static Task<ConnectionMultiplexer> ConnectAsync(string address) => ConnectionMultiplexer.ConnectAsync(Options(address));

    /// <summary>
    /// The address for a service, none of which calls synchronously. The two other timeouts would make its attempts to reconnect rarer.
    /// </summary>
    public static string Of(string address) => $"{address},asyncTimeout={TimeoutMs}";

    private static ConfigurationOptions Options(string address)
    {
        var options = ConfigurationOptions.Parse($"connectTimeout={TimeoutMs},syncTimeout={TimeoutMs},{Of(address)}");
        options.ReconnectRetryPolicy = new ExponentialRetry(2_500); // as the defaults have it, which follow the timeouts
        return options;
    }
}
