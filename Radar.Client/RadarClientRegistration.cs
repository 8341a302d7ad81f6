using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Radar.Client;

/// <summary>Registers <see cref="RadarClient"/>.</summary>
public static class RadarClientRegistration
{
    /// <summary>
    /// Adds <see cref="RadarClient"/> as a singleton that takes a client from <see cref="IHttpClientFactory"/> for each request, so that
    /// singletons and hosted services may hold it and handlers are renewed under them.
    /// </summary>
    /// <param name="services">Where to.</param>
    /// <param name="configure">Sets at least <see cref="RadarClientOptions.BaseAddress"/>. Options are checked when the host
    /// starts.</param>
    /// <returns>The HTTP client's builder, for handlers: resilience, service discovery, authentication.</returns>
    public static IHttpClientBuilder AddRadarClient(this IServiceCollection services, Action<RadarClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<RadarClientOptions>, RadarClientOptionsValidator>());
        services.AddOptions<RadarClientOptions>().Configure(configure).ValidateOnStart();
        services.TryAddSingleton(provider => new RadarClient(
            () => provider.GetRequiredService<IHttpClientFactory>().CreateClient(nameof(RadarClient)),
            provider.GetRequiredService<IOptions<RadarClientOptions>>().Value,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            provider.GetService<ILogger<RadarClient>>() ?? NullLogger<RadarClient>.Instance));
        return services.AddHttpClient(nameof(RadarClient));
    }
}
