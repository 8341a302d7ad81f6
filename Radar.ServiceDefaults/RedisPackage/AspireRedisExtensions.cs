using Aspire.StackExchange.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;

namespace Aspire.StackExchange.Redis
{
    /// <summary>What Radar uses of the package's settings; without the package there are no checks or spans to disable.</summary>
    internal sealed class StackExchangeRedisSettings
    {
        /// <summary>The client's configuration string.</summary>
        public string? ConnectionString { get; set; }

        /// <inheritdoc cref="StackExchangeRedisSettings"/>
        public bool DisableHealthChecks { get; set; }

        /// <inheritdoc cref="StackExchangeRedisSettings"/>
        public bool DisableTracing { get; set; }
    }
}

namespace Microsoft.Extensions.Hosting
{
    /// <summary>
    /// Stands in for the package Aspire.StackExchange.Redis where the NuGet feed has no Aspire packages: the registration that Radar uses,
    /// in the package's shape. A build with the package leaves this folder out.
    /// </summary>
    internal static class AspireRedisExtensions
    {
        /// <summary>Registers an <see cref="IConnectionMultiplexer"/> for <c>ConnectionStrings:connectionName</c>.</summary>
        public static void AddRedisClient(
            this IHostApplicationBuilder builder,
            string connectionName,
            Action<StackExchangeRedisSettings>? configureSettings = null,
            Action<ConfigurationOptions>? configureOptions = null)
        {
            var settings = new StackExchangeRedisSettings { ConnectionString = builder.Configuration.GetConnectionString(connectionName) };
            configureSettings?.Invoke(settings);
            builder.Services.AddSingleton<IConnectionMultiplexer>(_ =>
            {
                var options = ConfigurationOptions.Parse(settings.ConnectionString ?? "");
                configureOptions?.Invoke(options);
                return ConnectionMultiplexer.Connect(options);
            });
        }
    }
}
