using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Radar.Api.Access;
using Radar.Api.Http.Answers;
using Radar.ServiceDefaults;

namespace Radar.Api.Http.Access;

/// <summary>
/// Without <see cref="AuthOptions.Mode"/> the API is for this machine only: a start that listens beyond it fails, and what comes in
/// between is refused.
/// </summary>
internal sealed class ListenGuard(IOptions<AuthOptions> auth, IServer server) : IHostedLifecycleService
{
    private const string WaysOut =
        "Set Auth:Mode to keys or jwt, to none where everybody may ask, or listen on this machine only (--urls http://127.0.0.1:8000).";

    /// <summary>Refuses requests that did not come over the loopback interface.</summary>
    public static void Use(IApplicationBuilder app, AuthOptions auth)
    {
        if (auth.Mode is not null)
            return;
        app.Use(static (context, next) => context.Connection.LocalIpAddress is { } local && !IPAddress.IsLoopback(local)
            ? Problems.WriteAsync(context, Problems.Of(StatusCodes.Status403Forbidden, "The API is for its own machine only. " + WaysOut))
            : next(context));
    }

    /// <exception cref="ConfigurationException">The server listens beyond this machine, and nobody said that everybody may ask.</exception>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (auth.Value.Mode is null && server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(IsBeyond) is { } beyond)
            throw new ConfigurationException($"The API listens on {beyond}, beyond this machine, and Auth:Mode is not set. {WaysOut}");
        return Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static bool IsBeyond(string address)
    {
        string host = BindingAddress.Parse(address).Host;
        return !BindingAddress.Parse(address).IsUnixPipe && host != "localhost"
            && !(IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
    }
}
