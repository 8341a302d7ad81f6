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
    public bool IsKnownTo(HttpRequest request) => Answer.IsKnown(request, ETag);

    public override string ToString() => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{Epoch}-{Partition}-{Offset}");
}
