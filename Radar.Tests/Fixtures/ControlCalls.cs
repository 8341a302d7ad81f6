using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Radar.Tests.Fixtures;

/// <summary>Calls the control endpoints of a host that was started with <see cref="Setting"/>.</summary>
internal static class ControlCalls
{
    public const string Header = "X-Radar-Control-Key";
    public const string Key = "0123456789abcdef0123456789abcdef";
    public const string Setting = "--Control:Key=" + Key;

    /// <summary>A client that knows the key.</summary>
    public static HttpClient Client(WebApplication host) => Client(
        new Uri(host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()));

    public static HttpClient Client(Uri address)
    {
        var client = new HttpClient { BaseAddress = address };
        client.DefaultRequestHeaders.Add(Header, Key);
        return client;
    }

    /// <summary>Sends a request and returns its answer: a result, or a problem.</summary>
    public static async Task<(int Status, JsonObject Body)> PostAsync(HttpClient client, string path, HttpContent content)
    {
        using var response = await client.PostAsync(new Uri(path, UriKind.Relative), content);
        string text = await response.Content.ReadAsStringAsync();
        Assert.True(text.StartsWith('{'), $"{path}: {(int)response.StatusCode} '{text}'");
        if (!response.IsSuccessStatusCode)
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        return ((int)response.StatusCode, JsonNode.Parse(text)!.AsObject());
    }

    /// <inheritdoc cref="PostAsync(HttpClient, string, HttpContent)"/>
    public static async Task<(int Status, JsonObject Body)> PostAsync(HttpClient client, string path, object? body = null)
    {
        using var content = JsonContent.Create(body ?? new { });
        return await PostAsync(client, path, content);
    }

    /// <summary>The Markdown of a request that succeeds.</summary>
    public static async Task<string> MarkdownAsync(HttpClient client, string path, object? body = null)
    {
        var (status, answer) = await PostAsync(client, path, body);
        Assert.True(status == 200 && (bool)answer["ok"]!, answer.ToJsonString());
        return (string)answer["markdown"]!;
    }
}
