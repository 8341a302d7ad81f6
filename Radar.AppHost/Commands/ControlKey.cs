using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace Radar.AppHost.Commands;

/// <summary>
/// The secret between this AppHost and the services that it starts: without it they take no commands. One per run, random unless the
/// setting <c>Control:Key</c> is given; what is published has none.
/// </summary>
internal static class ControlKey
{
    private const string Setting = "Control:Key";

    /// <summary>Gives a service the key, in run mode.</summary>
    public static IResourceBuilder<T> WithControlKey<T>(this IResourceBuilder<T> resource)
        where T : IResourceWithEnvironment
    {
        var builder = resource.ApplicationBuilder;
        if (!builder.ExecutionContext.IsRunMode)
            return resource;
        string key = builder.Configuration[Setting] ??= Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        return resource.WithEnvironment("Control__Key", key);
    }

    /// <summary>The key of this run.</summary>
    public static string Read(IConfiguration configuration) =>
        configuration[Setting] ?? throw new InvalidOperationException("No resource was given a control key.");
}
