using System.Text;
using Radar.Api.Board;
using Radar.Api.Freshness;
using Radar.Api.Http.Answers;
using Radar.Api.Http.Requests;
using Radar.Market;
using Radar.Market.Store;

namespace Radar.Api.Http.Endpoints;

/// <summary>What lists of one symbol's trades or bars have in common.</summary>
internal sealed class SymbolPages(Staleness staleness)
{
    /// <summary>Reads what a page token is bound to.</summary>
    public static PagedQuery Query(ref RequestReader request, string kind, string symbol, SymbolRule rule)
    {
        symbol = request.Symbol(symbol, rule);
        var (startMs, endMs, asOfMs) = request.TimesAsOf();
        return new PagedQuery(kind, symbol, startMs, endMs, Descending: request.Choice(Parameters.Sort) == "desc", asOfMs);
    }

    public static int Limit(ref RequestReader request) => (int)(request.Integer(Parameters.Limit) ?? 0);

    /// <summary>Answers with a page.</summary>
    /// <param name="response">Of the request.</param>
    /// <param name="query">What was asked for.</param>
    /// <param name="member">Name of the list.</param>
    /// <param name="location">What was read.</param>
    /// <param name="items">The page.</param>
    /// <param name="last">Offset or open time of its last item, where more follow; null at the end.</param>
    /// <param name="pastMs">Event time of the newest event up to <c>as_of</c>; not read without it.</param>
    public Task<IResult> WriteAsync(
        HttpResponse response, in PagedQuery query, string member, SymbolLocation location, ReadOnlySpan<ReadOnlyMemory<byte>> items,
        long? last,
        long? pastMs)
    {
        uint topic = BoardVersion.HashOf(location.Position.Identity);
        string token = last is { } at ? $"\"{new PageToken(location.Keys.Partition, at, topic).Format(query)}\"" : "null";
        return Answer.WriteAsync(
            response,
            AnswerVersion.Of(location),
            Encoding.UTF8.GetBytes($"{{\"symbol\":\"{query.Symbol}\",\"{member}\":["),
            items,
            Tail(
                $"],\"next_page_token\":{token},", query.AsOfMs is null ? staleness.Of(location) : staleness.Of(location, pastMs)));
    }

    /// <summary><paramref name="before"/>, <c>"meta":{…}</c> and the closing brace.</summary>
    public static byte[] Tail(string before, in Meta meta)
    {
        Span<byte> text = stackalloc byte[Meta.LengthMax];
        int length = meta.Format(text);
        return
        [
            .. Encoding.ASCII.GetBytes(before), .. "\"meta\":"u8, .. text[..length], .. Encoding.UTF8.GetBytes(Meta.EndOf(meta.Incomplete)),
            (byte)'}',
        ];
    }
}
