using System.Collections.Frozen;
using Radar.Api.Access;
using Radar.Api.Board;
using Radar.Api.Http.Access;
using Radar.Api.Http.OpenApi;
using Radar.Api.Http.Requests;
using Radar.Api.Streaming;
using Radar.Market;

namespace Radar.Api.Http.Streams;

/// <summary>The parameters of a stream, and how a request is read with them.</summary>
internal static class StreamParameters
{
    public static readonly IntegerParameter MaxStalenessMs = Parameters.MaxStalenessMs with
    {
        Description = "Rather have an error than a stream that begins with an older state: 503 where the state is further behind the "
            + "topic than "
            + "this, or it is unknown how far. Later on, heartbeats report it.",
    };

    public static readonly OpaqueParameter Symbols = new(
        "symbols",
        $"Symbols {Parameters.InAnyCase}, separated by commas, at most 1000; * is all of them, and the default.",
        "BTCUSDT,ETHUSDT");

    public static readonly OpaqueParameter Channels = new(
        "channels",
        "What to send, separated by commas: tickers (the default), trades, and bars. with a timeframe: "
            + string.Join(", ", Timeframe.All.Select(frame => "bars." + frame.Name)) + ".",
        "tickers,bars.1Min");

    public static readonly OpaqueParameter Since = new(
        "since", "Where to go on: the id of an event, or the version of a list. The header Last-Event-ID wins over it.",
        Examples.Version);

    public static readonly ChoiceParameter Strict = new(
        "strict", "true: 404 where a symbol is unknown, instead of the event unknown.", new Choice("false"), new Choice("true"));

    public static readonly OpaqueParameter Ticket = new(
        TicketAuthentication.Parameter,
        "A ticket of POST /api/v2/stream-tickets, where a key or token is needed and no header can be sent.", "rt_0f1e2d3c…");

    public static readonly QueryParameter[] All = [Symbols, Channels, Since, MaxStalenessMs, Strict, Ticket];

    private const string LastEventId = "Last-Event-ID";

    /// <summary>Reads a request; null where a parameter is wrong, which <paramref name="error"/> then names.</summary>
    /// <param name="request">The request.</param>
    /// <param name="allowed">Which symbols the caller may see; null is all.</param>
    /// <param name="rule">How symbols are read.</param>
    /// <param name="error">What is wrong; null where nothing is.</param>
    public static StreamRequest? Read(HttpRequest request, SymbolPatterns? allowed, SymbolRule rule, out BadParameter? error)
    {
        var reader = new RequestReader(request, All);
        string? symbols = request.Query[Symbols.Name], channels = request.Query[Channels.Name];
        string? since = request.Headers[LastEventId].FirstOrDefault() ?? request.Query[Since.Name];
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (string name in symbols is null or "*" ? [] : symbols.Split(',', StringSplitOptions.TrimEntries))
        {
            if (rule.TryNormalize(name, out string symbol))
            {
                names.Add(symbol);
            }
            else
            {
                reader.Wrong(
                    Symbols.Name, $"'{RequestReader.Shown(name)}' in symbols is not a symbol: {SymbolName.Rule} are.");
            }
        }

        if (names.Count > StreamRequest.SymbolsMax)
            reader.Wrong(Symbols.Name, $"{names.Count} symbols are too many: at most {StreamRequest.SymbolsMax}, or * for all.");
        var wanted = StreamChannels.OnlyTickers;
        if (channels is not null && !StreamChannels.TryParse(channels, out wanted, out string wrong))
        {
            reader.Wrong(
                Channels.Name, $"'{RequestReader.Shown(wrong)}' is not a channel. There are: {string.Join(", ", StreamChannels.Names)}.");
        }

        long? maxStalenessMs = reader.Integer(MaxStalenessMs);
        bool isStrict = reader.Choice(Strict) == "true";
        error = reader.Error;
        return error is not null ? null : new StreamRequest(
            symbols is null or "*" ? null : names.ToFrozenSet(StringComparer.Ordinal),
            wanted,
            BoardVersion.TryParse(since, out BoardVersion? version) ? version : null,
            maxStalenessMs,
            isStrict,
            symbols is null or "*" ? allowed : null);
    }
}
