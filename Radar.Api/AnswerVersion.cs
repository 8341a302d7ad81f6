using Microsoft.Net.Http.Headers;
using Radar.Market.Store;

namespace Radar.Api;

/// <summary>
/// Which state an answer was made from: epoch, partition and Kafka offset; in text <c>1-3-4711</c>. The same URL at the same version is
/// the same data (only <c>age_ms</c>, <c>lag_ms</c> and <c>stale</c> go on with the clock), so the version is the entity tag.
/// </summary>
internal readonly record struct AnswerVersion(string Epoch, int Partition, long Offset)
{
    public static AnswerVersion Of(SymbolLocation location) =>
        new(location.Keys.Epoch, location.Keys.Partition, location.Position.Offset);

    public string ETag => $"\"{this}\"";

    /// <summary>True where the client names this version: the answer is 304.</summary>
    public bool IsKnownTo(HttpRequest request)
    {
        var known = request.Headers.IfNoneMatch;
        if (known.Count == 0)
            return false;
        string tag = ETag;
        if (known.Count == 1 && known[0] == tag)
            return true;
        return EntityTagHeaderValue.TryParseList([.. known.OfType<string>()], out var listed)
            && listed.Any(candidate => candidate.Tag.Equals("*") || candidate.Tag.Equals(tag, StringComparison.Ordinal)); // weakly, as RFC 9110 has it
    }

    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{Epoch}-{Partition}-{Offset}");
}
