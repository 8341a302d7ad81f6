using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace Radar.Api.Http.Access;

/// <summary>Forwarded headers count from the proxies that <see cref="ApiOptions.Proxies"/> names, and from nobody else.</summary>
internal static partial class Proxies
{
    public static void AddProxies(this IServiceCollection services)
    {
        services.AddSingleton<IValidateOptions<ApiOptions>, ProxiesValidator>();

        // After what ASPNETCORE_FORWARDEDHEADERS_ENABLED sets, which is to trust every sender.
        services.AddOptions<ForwardedHeadersOptions>().PostConfigure<IOptions<ApiOptions>, IConfiguration, ILoggerFactory>(static (
            forwarded, api, configuration, loggers) =>
        {
            if (api.Value.Proxies.Count == 0 && configuration.GetValue<bool>("ForwardedHeaders_Enabled"))
                NoProxies(loggers.CreateLogger(typeof(Proxies)));
            forwarded.KnownProxies.Clear();
            forwarded.KnownIPNetworks.Clear();
            foreach (string proxy in api.Value.Proxies)
            {
                if (IPNetwork.TryParse(proxy, out var network))
                    forwarded.KnownIPNetworks.Add(network);
                else
                    forwarded.KnownProxies.Add(IPAddress.Parse(proxy));
            }

            forwarded.ForwardLimit = null; // as far as each sender is one of them
            forwarded.ForwardedHeaders = api.Value.Proxies.Count == 0
                ? ForwardedHeaders.None
                : ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
        });
    }

    /// <summary>To be called before what looks at a caller's address, or at whether there is TLS.</summary>
    public static void UseProxies(this WebApplication app) => app.UseForwardedHeaders();

    [LoggerMessage(1, LogLevel.Warning, "ASPNETCORE_FORWARDEDHEADERS_ENABLED trusts X-Forwarded-For of every sender and is ignored. "
        + "Name the proxies by their addresses or networks: Api__Proxies__0=10.0.0.0/8.")]
    private static partial void NoProxies(ILogger logger);

    private sealed class ProxiesValidator : IValidateOptions<ApiOptions>
    {
        public ValidateOptionsResult Validate(string? name, ApiOptions options)
        {
            string[] faults =
            [
                .. options.Proxies
                    .Where(static proxy => !IPNetwork.TryParse(proxy, out _) && !IPAddress.TryParse(proxy, out _))
                    .Select(static proxy => $"Api:Proxies: '{proxy}' is neither an IP address nor a network such as 10.0.0.0/8, whose "
                        + "address has no bits beyond the prefix."),
            ];
            return faults.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
