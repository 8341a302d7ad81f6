using System.Globalization;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>How far a partition's state in Redis has come.</summary>
/// <param name="Offset">The next record to apply: everything before it is in the state. Kafka's own meaning of a position.</param>
/// <param name="Identity">The topic whose offsets these are.</param>
/// <param name="RecordMs">Kafka timestamp of the last applied record that has one, Unix ms; 0 before the first.</param>
public readonly record struct PartitionPosition(long Offset, TopicIdentity Identity, long RecordMs)
{
    internal static readonly RedisValue[] Fields = ["offset", "identity", "record_ms"];

    /// <summary>What a script expects to find where nothing is stored.</summary>
    internal const string None = "none";

    /// <summary>Reads <see cref="Fields"/>; null where nothing is stored.</summary>
    internal static PartitionPosition? Parse(RedisValue[] fields) =>
        fields[0].IsNull
            ? null
            : new PartitionPosition((long)fields[0], TopicIdentity.Parse(fields[1].ToString()), fields[2].IsNull ? 0 : (long)fields[2]);

    /// <inheritdoc/>
    public override string ToString() => Offset.ToString(CultureInfo.InvariantCulture);
}

/// <summary>
/// Which topic a position counts in. A topic that was deleted and made again begins at 0 again; a topic with more partitions places
/// symbols elsewhere. Both would corrupt a state that goes on as if nothing had happened.
/// </summary>
/// <param name="Topic">Name.</param>
/// <param name="Id">The broker's id of the topic, or null where the broker has none.</param>
/// <param name="Partitions">Partition count.</param>
public readonly record struct TopicIdentity(string Topic, string? Id, int Partitions)
{
    /// <summary>True where nothing that both know differs.</summary>
    public bool Matches(TopicIdentity other) =>
        Topic == other.Topic && Partitions == other.Partitions && (Id is null || other.Id is null || Id == other.Id);

    /// <summary>Reads <see cref="ToString"/>.</summary>
    public static TopicIdentity Parse(string text)
    {
        string[] parts = text.Split(' ');
        if (parts.Length != 3 || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int partitions))
            throw new FormatException($"'{text}' is not a topic identity: another program wrote to Radar's keys.");
        return new TopicIdentity(parts[0], parts[1] == "-" ? null : parts[1], partitions);
    }

    /// <summary><c>topic id partitions</c>; the id is <c>-</c> where there is none.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Topic} {Id ?? "-"} {Partitions}");
}
