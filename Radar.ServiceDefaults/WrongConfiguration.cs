using Microsoft.Extensions.Hosting;

namespace Radar.ServiceDefaults;

/// <summary>
/// Ends a host whose configuration turns out to be wrong while it runs, such as a broker without transactions. An exception that leaves
/// a background service would end it too, but the host logs that with a stack trace, which is for faults of the program.
/// </summary>
public sealed class WrongConfiguration(IHostApplicationLifetime lifetime)
{
    private volatile ConfigurationException? _found;

    /// <summary>What was found first; null where nothing was.</summary>
    public ConfigurationException? Found => _found;

    /// <summary>Stops the host; <see cref="ServiceRunner"/> then reports why, and decides the exit code.</summary>
    public void Stop(ConfigurationException found)
    {
        _found ??= found;
        lifetime.StopApplication();
    }
}
