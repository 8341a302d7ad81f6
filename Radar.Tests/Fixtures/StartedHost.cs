using System.Net;
using Microsoft.AspNetCore.Builder;
using Radar.ServiceDefaults;

namespace Radar.Tests.Fixtures;

/// <summary>Services that a test starts by itself, and single requests to them.</summary>
internal static class StartedHost
{
    /// <summary>Starts it as a program does, and disposes it where it does not start.</summary>
    public static async Task<WebApplication> StartedAsync(this WebApplication app)
    {
        try
        {
            await ServiceRunner.StartAsync(app, CancellationToken.None);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>The status of one answer, over a connection of its own.</summary>
    public static async Task<HttpStatusCode> StatusAsync(string url, HttpMethod? method = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, url);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
