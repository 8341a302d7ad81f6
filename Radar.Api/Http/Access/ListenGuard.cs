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

    /// <summary>
    /// Refuses requests that did not come over the loopback interface, and those that a browser sends to a name of another site, whose
    /// address turned out to be this machine (DNS rebinding).
    /// </summary>
    public static void Use(WebApplication app, AuthOptions auth)
    {
        if (auth.Mode is not null)
            return;
        bool anyHost = app.Configuration["AllowedHosts"] is { Length: > 0 }; // AllowedHosts checks those
        app.Use((context, next) =>
        {
            if (context.Connection.LocalIpAddress is { } local && !IPAddress.IsLoopback(local))
                return Problems.WriteAsync(context, Problems.Of(
                    StatusCodes.Status403Forbidden, "The API is for its own machine only. " + WaysOut));
            return anyHost || IsThisMachine(context.Request.Host.Host)
                ? next(context)
                : Problems.WriteAsync(context, Problems.Of(
                    StatusCodes.Status403Forbidden, "The API is for its own machine only, and answers to localhost and 127.0.0.1. Set "
                        + "AllowedHosts to the names that it may have, such as radar.example;localhost, or Auth:Mode."));
        });
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
        var binding = BindingAddress.Parse(address);
        return !binding.IsUnixPipe && !IsThisMachine(binding.Host);
    }

    /// <summary>Names below <c>localhost</c> are this machine everywhere (RFC 6761); requests of HTTP/1.0 have no name.</summary>
    private static bool IsThisMachine(string host) => host.Length == 0
        || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));
}
