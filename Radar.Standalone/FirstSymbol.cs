using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Radar.Producer;

namespace Radar.Standalone;

/// <summary>A symbol that the API has, for the line that shows how to ask for one.</summary>
internal static class FirstSymbol
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits a few seconds for it.</summary>
    /// <param name="options">Say which symbols are known beforehand.</param>
    /// <param name="api">Address of the API, without a slash at its end.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stop">Ends the waiting.</param>
    /// <returns>What to give to curl: the address of a symbol, else that of the list of symbols, and a key where one is asked
    /// for.</returns>
    public static async Task<string> RequestAsync(StandaloneOptions options, string api, TimeProvider time, CancellationToken stop)
    {
        using var client = new HttpClient { BaseAddress = new Uri(api + "/"), Timeout = Limit };
        long begin = time.GetTimestamp();
        bool mayCome = options.Source != SourceNames.None || !options.EmbedsKafka;
        while (mayCome && time.GetElapsedTime(begin) < Limit && !stop.IsCancellationRequested)
        {
            var (symbol, isRefused) = await FindAsync(client, Known(options), stop);
            if (symbol is not null)
                return $"{api}/api/v1/ticker/{Uri.EscapeDataString(symbol)}";
            if (isRefused)
                return $"-H 'Authorization: Bearer …' {api}/api/v2/symbols  (a key or token: docs/security.md)";
            await Task.Delay(Pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return $"{api}/api/v2/symbols";
    }

    /// <summary>Symbols that are made up here have names; those of a recording or a venue may be spelled otherwise.</summary>
    private static string? Known(StandaloneOptions options) => options switch
    {
        { Source: not SourceNames.Synthetic } => null,
        { Symbols: [var first, ..] } => first,
        { SymbolCount: not null } => "SYM00001",
        _ => "BTCUSDT",
    };

    private static async Task<(string? Symbol, bool IsRefused)> FindAsync(HttpClient client, string? known, CancellationToken stop)
    {
        try
        {
            var answer = await client.GetFromJsonAsync<JsonNode>(new Uri("api/v2/tickers?limit=1000", UriKind.Relative), stop);
            string[] symbols = [.. answer!["tickers"]!.AsArray().Select(ticker => (string)ticker!["symbol"]!)];
            return (symbols.FirstOrDefault(symbol => known is null || symbol.Equals(known, StringComparison.OrdinalIgnoreCase)), false);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException)
        {
            // Not ready yet, or it asks for a key.
            return (null, e is HttpRequestException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden });
        }
    }
}
