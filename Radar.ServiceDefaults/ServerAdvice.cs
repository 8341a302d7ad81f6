using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.CommandLine;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Json;

namespace Radar.ServiceDefaults;

/// <summary>What to look at where a server does not answer: the option, setting or variable that its address was given by.</summary>
public static class ServerAdvice
{
    /// <summary>
    /// Section in which a program that hands addresses on says what to look at, as <c>ServerAdvice:kafka</c>: a sentence.
    /// </summary>
    public const string Section = "ServerAdvice";

    /// <summary>A sentence, such as <c>Check --ConnectionStrings:kafka.</c></summary>
    /// <param name="configuration">Of the service.</param>
    /// <param name="name">Of the connection string: <c>kafka</c> or <c>redis</c>.</param>
    public static string Of(IConfiguration configuration, string name)
    {
        string key = $"ConnectionStrings:{name}";
        var provider = (configuration as IConfigurationRoot)?.Providers.LastOrDefault(provider => provider.TryGet(key, out _));
        return configuration[$"{Section}:{name}"] ?? provider switch
        {
            CommandLineConfigurationProvider => $"Check --{key}.",
            EnvironmentVariablesConfigurationProvider => $"Check the environment variable ConnectionStrings__{name}.",
            JsonConfigurationProvider json => $"Check {key} in {json.Source.Path}.",
            _ => $"Check {key}.",
        };
    }
}
