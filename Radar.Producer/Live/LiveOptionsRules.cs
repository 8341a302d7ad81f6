using Radar.Market;
using Radar.Producer.Venues;
using Radar.ServiceDefaults.Settings;

namespace Radar.Producer.Live;

/// <summary>Rules across fields of <see cref="LiveOptions"/>.</summary>
internal static class LiveOptionsRules
{
    /// <summary>What is wrong, one sentence each; empty where another source is chosen or all is right.</summary>
    public static IEnumerable<string> Failures(ProducerOptions options)
    {
        if (VenueRegistry.FindLive(options.Source) is not { } venue)
            yield break;
        var live = options.Live;
        if (live.Symbols.Count == 0)
            yield return "Producer:Live:Symbols is empty: name what to follow"
                + ", such as Producer:Live:Symbols:0=btcusdt (--symbols btcusdt).";
        foreach (string text in live.Symbols.Where(text => !live.SymbolRule.TryNormalize(text, out _)))
            yield return $"Producer:Live:Symbols: '{text}' is not a symbol ({SymbolName.Rule}).";
        var market = venue.FindMarket(live.Market);
        bool caseCounts = live.SymbolRule.KeepsCase && market?.NewProtocol().Limits.SymbolsHaveCase == true;
        var comparer = caseCounts ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;
        foreach (var twice in live.Symbols.GroupBy(text => text, comparer).Where(group => group.Count() > 1))
            yield return $"Producer:Live:Symbols: '{twice.Key}' is there twice.";
        if (market is null)
        {
            yield return $"Producer:Live:Market: {venue.Title} has no market '{live.Market}'. "
                + SettingCheck.Choices(live.Market ?? "", venue.Markets.Select(market => market.Name.ToLowerInvariant()));
        }

        if (live.BackoffMaxMs < live.BackoffMs)
            yield return "Producer:Live:BackoffMaxMs is less than BackoffMs.";
        if (live.WebSocketUrl is { } socket && EndpointFault(socket, "wss", "ws") is { } socketFault)
            yield return $"Producer:Live:WebSocketUrl: {socketFault}";
        if (live.RestUrl is { Length: > 0 } rest && EndpointFault(rest, "https", "http") is { } restFault)
            yield return $"Producer:Live:RestUrl: {restFault}";
    }

    /// <summary>Null, or why the address cannot be used. It is not repeated where it may hold a password.</summary>
    private static string? EndpointFault(string text, string secure, string plain)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || (address.Scheme != secure && address.Scheme != plain))
            return $"give an address such as {secure}://host/path.";
        if (address.UserInfo.Length > 0 || address.Query.Length > 0 || address.Fragment.Length > 0)
            return "give the address without user, query and fragment; public market data needs none.";
        return address.Scheme == secure || address.IsLoopback
            ? null
            : $"{address.Scheme}://{address.Host} is not encrypted, which is allowed on this machine only; use {secure}://.";
    }
}
