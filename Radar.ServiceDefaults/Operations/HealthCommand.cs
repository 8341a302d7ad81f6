using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Radar.ServiceDefaults.Operations;

/// <summary>
/// <c>health</c> as a service's first argument asks the service that runs with the same configuration whether it is ready, instead of
/// running one. It is the health check of the container images, which have neither a shell nor curl where they are small.
/// </summary>
public static class HealthCommand
{
    /// <summary>The first argument.</summary>
    public const string Name = "health";

    /// <summary>Exit code where the service is not well or does not answer; container engines know no other.</summary>
    public const int NotWell = 1;

    /// <summary>The rest is waiting for an answer that is never good: engines have a limit of their own, which says less.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Asks once, and writes one line.</summary>
    /// <param name="arguments">What follows <see cref="Name"/>: a path other than <c>/ready</c>, settings such as <c>--urls</c>.</param>
    /// <param name="output">Gets what a service that is well answers.</param>
    /// <param name="errors">Gets why it is not.</param>
    /// <returns>The exit code: 0, <see cref="NotWell"/> or <see cref="ServiceRunner.ConfigurationError"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors)
    {
        string path = arguments is [['/', ..] first, ..] ? first : HealthRoutes.Ready;
        var configuration = WebApplication.CreateBuilder(arguments is [['/', ..], .. var rest] ? rest : arguments).Configuration;
        if (Address(configuration) is not { } address)
        {
            await errors.WriteLineAsync(
                "configuration: no http address is set that could be asked. Give the service's own: health --urls=http://127.0.0.1:8080");
            return ServiceRunner.ConfigurationError;
        }

        try
        {
            using var http = new HttpClient { Timeout = Limit };
            using var answer = await http.GetAsync(new Uri(address, path));
            string line = $"{address.GetLeftPart(UriPartial.Authority)}{path}: {(int)answer.StatusCode} "
                + LogText.Line(await answer.Content.ReadAsStringAsync());
            await (answer.IsSuccessStatusCode ? output : errors).WriteLineAsync(line);
            return answer.IsSuccessStatusCode ? 0 : NotWell;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            string why = e is TaskCanceledException ? $"no answer within {Limit.TotalSeconds:0} s" : e.Message;
            await errors.WriteLineAsync($"{address.GetLeftPart(UriPartial.Authority)}{path}: {LogText.Line(why)}");
            return NotWell;
        }
    }

    /// <summary>The first http address at which the service listens, as one that can be connected to; null where there is none.</summary>
    internal static Uri? Address(IConfiguration configuration)
    {
        // As Kestrel has it: its own endpoints before addresses, addresses before ports.
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]);
        string?[] addresses = [.. endpoints, .. Parts("urls"), .. Parts("http_ports").Select(port => $"http://*:{port}")];
        return addresses.Select(Connectable).FirstOrDefault(address => address is not null);

        string[] Parts(string name) =>
            configuration[name]?.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
    }

    private static Uri? Connectable(string? text)
    {
        if (text?.StartsWith("http://", StringComparison.OrdinalIgnoreCase) != true)
            return null;
        try
        {
            var address = BindingAddress.Parse(text);
            string host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "127.0.0.1" : address.Host;
            return address.IsUnixPipe || address.Port == 0 ? null : new UriBuilder(Uri.UriSchemeHttp, host, address.Port).Uri;
        }
        catch (Exception e) when (e is FormatException or UriFormatException)
        {
            return null;
        }
    }
}
