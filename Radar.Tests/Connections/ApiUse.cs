using System.Net;
using System.Text.Json.Nodes;
using Radar.Api;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Connections;

/// <summary>Asks an API for everything that it keeps in Redis and reads from Kafka.</summary>
internal static class ApiUse
{
    /// <summary>Makes a key with all scopes, as an administrator does.</summary>
    public static async Task<string> NewKeyAsync(params string[] settings)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int code = await KeysCommand.RunAsync(
            ["create", "--name", "test", "--scopes", "market.read,market.stream,admin", .. settings], output, errors);
        Assert.True(code == 0, errors.ToString());
        return output.ToString().Split('\n')[1].Split(' ')[0];
    }

    /// <summary>Everything that the API reads and writes.</summary>
    public static async Task AllAsync(HttpClient api, string key)
    {
        await Wait.ForAsync(
            () => RadarPath.GetAsync(api, "/health"), static health => (string?)health["status"] == "Healthy",
            static health => Task.FromResult(health.ToJsonString()));
        var deadLetters = await RadarPath.GetAsync(api, "/api/v2/dead-letters");
        Assert.NotEmpty(deadLetters["dead_letters"]!.AsArray());
        long now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        string[] routes =
        [
            "/api/v1/ticker/BTCUSDT", "/api/v1/history/BTCUSDT", "/api/v2/symbols", "/api/v2/tickers", "/api/v2/tickers/BTCUSDT",
            $"/api/v2/tickers/BTCUSDT?as_of={now}", "/api/v2/trades/BTCUSDT", "/api/v2/trades/BTCUSDT?sort=desc&limit=3",
            "/api/v2/bars/BTCUSDT?timeframe=1Min", "/api/v2/bars/BTCUSDT?timeframe=1Min&sort=desc", $"/api/v2/bars/BTCUSDT?as_of={now}",
            "/api/v2/snapshots?symbols=BTCUSDT", $"/api/v2/snapshots?symbols=BTCUSDT&as_of={now}", "/api/v2/movers", "/api/v2/lag",
            "/admin/keys", "/",
        ];
        foreach (string route in routes)
        {
            using var answer = await api.GetAsync(new Uri(route, UriKind.Relative));
            Assert.True(answer.IsSuccessStatusCode, $"{route}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(api, "/api/v2/tickers/UNKNOWN"));
        using var ticket = await api.PostAsync(new Uri("/api/v2/stream-tickets", UriKind.Relative), null);
        string opened = (string)JsonNode.Parse(await ticket.Content.ReadAsStringAsync())!["ticket"]!;
        using var stream = await api.GetAsync(
            new Uri($"/api/v2/stream?symbols=BTCUSDT&channels=tickers,trades&ticket={opened}", UriKind.Relative),
            HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await stream.Content.ReadAsStreamAsync());
        Assert.Equal(HttpStatusCode.OK, stream.StatusCode);
        Assert.NotNull(await reader.ReadLineAsync());

        using var session = await api.PostAsync(new Uri("/session", UriKind.Relative), null);
        Assert.True(session.IsSuccessStatusCode);
        using var revoked = await api.DeleteAsync(new Uri("/admin/keys/" + key.Split('_')[1], UriKind.Relative));
        Assert.True(revoked.IsSuccessStatusCode);
    }

    public static async Task<HttpStatusCode> StatusAsync(HttpClient api, string route)
    {
        using var answer = await api.GetAsync(new Uri(route, UriKind.Relative));
        return answer.StatusCode;
    }
}
