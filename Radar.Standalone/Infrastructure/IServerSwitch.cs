namespace Radar.Standalone.Infrastructure;

/// <summary>A server that can be stopped and started again on its port, so that its clients see it go away and come back.</summary>
internal interface IServerSwitch
{
    /// <summary>Whether it serves.</summary>
    bool IsUp { get; }

    /// <summary>What becomes of its data, for people; a sentence.</summary>
    string Keeps { get; }

    /// <summary>Stops it in order; returns when it is no longer reachable.</summary>
    Task StopAsync();

    /// <summary>Starts it again; returns when it answers.</summary>
    /// <exception cref="InvalidOperationException">It does not start; the message gives the reason.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">Its port is taken.</exception>
    Task StartAsync(CancellationToken cancellationToken);
}
