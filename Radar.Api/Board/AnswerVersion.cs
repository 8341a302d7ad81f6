using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// Which state an answer was made from: epoch, partition and Kafka offset; in text <c>1-3-4711</c>. The same URL at the same version is
/// the same data (only <c>age_ms</c>, <c>lag_ms</c> and <c>stale</c> go on with the clock), so the version is the entity tag.
/// </summary>
/// <remarks>
/// Where the state is marked incomplete, the marks are part of the entity tag, and only of that: the same offset of a state that was built
/// again from a shorter log is other data.
/// </remarks>
/// <param name="Epoch">Of the state.</param>
/// <param name="Partition">Kafka partition.</param>
/// <param name="Offset">The next record to apply.</param>
/// <param name="Incomplete">Integrity marks of the partition, see <see cref="IntegrityMarks"/>; null where it has none.</param>
internal readonly record struct AnswerVersion(string Epoch, int Partition, long Offset, string? Incomplete = null)
{
    public static AnswerVersion Of(SymbolLocation location) =>
        new(location.Keys.Epoch, location.Keys.Partition, location.Position.Offset, location.Position.Incomplete);

    public string ETag => $"\"{this}{MarkOf(Incomplete)}\"";

    /// <summary>What marks add to an entity tag: nothing, or <c>!</c> and 8 hex digits.</summary>
    public static string MarkOf(string? incomplete) => incomplete is null
        ? ""
        : "!" + XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(incomplete)).ToString("x8", CultureInfo.InvariantCulture);

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Epoch}-{Partition}-{Offset}");
}
