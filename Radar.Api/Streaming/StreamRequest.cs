using System.Collections.Frozen;
using Radar.Api.Board;
using Radar.Api.Http.Requests;
using Radar.Market;

namespace Radar.Api.Streaming;

/// <summary>What a client asked for.</summary>
/// <param name="Symbols">Normalized; null is every symbol.</param>
/// <param name="Channels">What of them.</param>
/// <param name="Since">Where it left off; null for a client that is new, or whose id is not one that Radar gave out.</param>
internal sealed record StreamRequest(FrozenSet<string>? Symbols, StreamChannels Channels, BoardVersion? Since)
{
    /// <summary>Most names in <c>symbols</c>.</summary>
    public const int SymbolsMax = 1000;

    public static readonly QueryParameter[] QueryParameters = [Parameters.StreamSymbols, Parameters.Channels, Parameters.Since, Parameters.StreamMaxStalenessMs];

    /// <summary>Largest lag that the client accepts at the start; null accepts any and an unknown one.</summary>
    public long? MaxStalenessMs { get; private init; }

    private const string LastEventId = "Last-Event-ID";

    /// <summary>Reads a request; null where a parameter is wrong, which <paramref name="error"/> then names.</summary>
    public static StreamRequest? Read(HttpRequest request, out BadParameter? error)
    {
        var reader = new RequestReader(request, QueryParameters);
        string? symbols = request.Query[Parameters.StreamSymbols.Name], channels = request.Query[Parameters.Channels.Name];
        string? since = request.Headers[LastEventId].FirstOrDefault() ?? request.Query[Parameters.Since.Name];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in symbols is null or "*" ? [] : symbols.Split(',', StringSplitOptions.TrimEntries))
        {
            if (SymbolName.TryNormalize(name, out string symbol))
                names.Add(symbol);
            else
                reader.Wrong(Parameters.StreamSymbols.Name, $"'{RequestReader.Shown(name)}' in symbols is not a symbol: 1–32 letters, digits and . _ - : / are.");
        }

        if (names.Count > SymbolsMax)
            reader.Wrong(Parameters.StreamSymbols.Name, $"{names.Count} symbols are too many: at most {SymbolsMax}, or * for all.");
        var wanted = StreamChannels.OnlyTickers;
        if (channels is not null && !StreamChannels.TryParse(channels, out wanted, out string wrong))
            reader.Wrong(Parameters.Channels.Name, $"'{RequestReader.Shown(wrong)}' is not a channel. There are: {string.Join(", ", StreamChannels.Names)}.");

        long? maxStalenessMs = reader.Integer(Parameters.StreamMaxStalenessMs);
        error = reader.Error;
        if (error is not null)
            return null;
        return new StreamRequest(
            symbols is null or "*" ? null : names.ToFrozenSet(StringComparer.Ordinal),
            wanted,
            BoardVersion.TryParse(since, out BoardVersion? version) ? version : null) { MaxStalenessMs = maxStalenessMs };
    }
}
