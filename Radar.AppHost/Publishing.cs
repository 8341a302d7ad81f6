using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Radar.AppHost;

/// <summary>
/// What is published beyond the manifest: <c>--Publish=compose</c> or <c>kubernetes</c>. The two environments are in the folder
/// <c>Publish</c>, which only the build with <c>AspirePublishPackages=true</c> has.
/// </summary>
internal static partial class Publishing
{
    /// <summary>Longer than it takes until no new request is sent to an instance that stops.</summary>
    internal const int DrainSeconds = 15;

    /// <summary>Completes what was added for publishing; a run is left as it is.</summary>
    public static void Configure(IDistributedApplicationBuilder builder)
    {
        if (builder.ExecutionContext.IsRunMode)
            return;
        foreach (var project in builder.Resources.OfType<ProjectResource>().ToList())
            ConfigureService(builder.CreateResourceBuilder(project));

        if (builder.Configuration["Publish"] is not { Length: > 0 } choice)
            return;
        if (choice is not ("compose" or "kubernetes"))
            throw new DistributedApplicationException($"Publish={choice} is unknown. One of: compose, kubernetes.");
        bool isAdded = false;
        AddEnvironment(builder, choice, ref isAdded);
        if (!isAdded)
        {
            throw new DistributedApplicationException(
                $"Publish={choice} needs the packages Aspire.Hosting.Docker and Aspire.Hosting.Kubernetes, which this build does not have. "
                + "Set AspirePublishPackages=true in the environment, build again, and publish again; without it, deploy/ has a compose "
                + "file and manifests for Kubernetes.");
        }
    }

    /// <summary>Whether a setting is one that no published file may have: credentials and private keys of the Kafka client.</summary>
    public static bool IsSecret(string setting) => SecretNames().IsMatch(setting);

    /// <summary>The parameter for a secret; one for all services that have it.</summary>
    public static IResourceBuilder<ParameterResource> Secret(IDistributedApplicationBuilder builder, string setting, string value)
    {
        string name = NotOfAName().Replace(setting.ToLowerInvariant(), "-");
        return builder.Resources.OfType<ParameterResource>().FirstOrDefault(parameter => parameter.Name == name) is { } known
            ? builder.CreateResourceBuilder(known)
            : builder.AddParameter(name, value, publishValueAsDefault: false, secret: true);
    }

    /// <summary>Adds the environment where its package is there, and says so.</summary>
    static partial void AddEnvironment(IDistributedApplicationBuilder builder, string choice, ref bool isAdded);

    /// <summary>A published API listens beyond its machine, and refuses to start where nothing says whom it may answer.</summary>
    private static void ConfigureService(IResourceBuilder<ProjectResource> project)
    {
        var configuration = project.ApplicationBuilder.Configuration;
        project.WithSettings("Operations");
        // It would trust every sender; Api:Proxies names those that count.
        project.DisableForwardedHeaders();
        if (project.Resource.Name != "api")
            return;
        project.WithSettings("Auth");
        if (configuration["Auth:Mode"] is null)
            project.WithEnvironment("Auth__Mode", "keys");
        if (configuration["Operations:DrainSeconds"] is null)
            project.WithEnvironment("Operations__DrainSeconds", DrainSeconds.ToString(CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"password|secret|\.pem$|oauthbearer\.config", RegexOptions.IgnoreCase)]
    private static partial Regex SecretNames();

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotOfAName();
}
