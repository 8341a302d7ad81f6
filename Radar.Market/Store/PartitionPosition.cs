using System.Globalization;
using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>How far a partition's state in Redis has come, and of what it is.</summary>
/// <param name="Offset">The next record to apply: everything before it is in the state. Kafka's own meaning of a position.</param>
/// <param name="Identity">The topic whose offsets these are.</param>
/// <param name="RecordMs">Kafka timestamp of the last applied record that has one, Unix ms; 0 before the first.</param>
public readonly record struct PartitionPosition(long Offset, TopicIdentity Identity, long RecordMs)
{
    internal static readonly RedisValue[] Fields = ["offset", "identity", "record_ms", "leader_epoch", "settings", "incomplete"];

    /// <summary>What a script expects to find where nothing is stored.</summary>
    internal const string None = "none";

    /// <summary>Leader epoch of the last applied record; null where the broker or an older Radar gave none.</summary>
    public int? LeaderEpoch { get; init; }

    /// <summary>
    /// The settings that the state was built with, see <see cref="ProjectionOptions.ToString"/>; null where an older Radar wrote it.
    /// </summary>
    public string? Settings { get; init; }

    /// <summary>Whether case counts in the symbols of the state.</summary>
    public bool KeepsCase => SymbolRule.IsKeptBy(Settings);

    /// <summary>In what the state may differ from the whole log, see <see cref="IntegrityMarks"/>; null where in nothing.</summary>
    public string? Incomplete { get; init; }

    /// <summary>Reads <see cref="Fields"/>; null where nothing is stored.</summary>
    /// <exception cref="DamagedStateException">They are not what Radar writes.</exception>
    internal static PartitionPosition? Parse(RedisKey key, RedisValue[] fields)
    {
        if (fields[0].IsNull && fields[1].IsNull)
            return null;
        if (!fields[0].TryParse(out long offset) || offset < 0)
            throw new DamagedStateException(key, fields[0].IsNull ? "has no offset" : $"has the offset '{Short(fields[0])}'");
        if (TopicIdentity.TryParse(fields[1].ToString()) is not { } identity)
            throw new DamagedStateException(key, fields[1].IsNull ? "has no identity" : $"has the identity '{Short(fields[1])}'");
        long recordMs = 0, leaderEpoch = 0;
        if (!fields[2].IsNull && !fields[2].TryParse(out recordMs))
            throw new DamagedStateException(key, $"has the record_ms '{Short(fields[2])}'");
        if (!fields[3].IsNullOrEmpty && !(fields[3].TryParse(out leaderEpoch) && leaderEpoch is >= 0 and <= int.MaxValue))
            throw new DamagedStateException(key, $"has the leader_epoch '{Short(fields[3])}'");
        string? incomplete = fields[5].IsNullOrEmpty ? null : fields[5].ToString();
        if (incomplete is not null && !IntegrityMarks.IsWellFormed(incomplete))
            throw new DamagedStateException(key, $"has the integrity marks '{Short(fields[5])}'");
        return new PartitionPosition(offset, identity, recordMs)
        {
            LeaderEpoch = fields[3].IsNullOrEmpty ? null : (int)leaderEpoch,
            Settings = fields[4].IsNullOrEmpty ? null : fields[4].ToString(),
            Incomplete = incomplete,
        };
    }

    /// <summary>The same for those who serve it, see <see cref="IntegrityMarks.Served"/>.</summary>
    internal PartitionPosition AsServed() => this with { Incomplete = IntegrityMarks.Served(Incomplete) };

    /// <summary>All fields but the offset, as a script and a change have them: names and values in turn, "" for null.</summary>
    internal string[] ToPairs() =>
    [
        "identity", Identity.ToString(), "record_ms", RecordMs.ToString(CultureInfo.InvariantCulture), "leader_epoch",
        LeaderEpoch?.ToString(CultureInfo.InvariantCulture) ?? "", "settings", Settings ?? "", "incomplete", Incomplete ?? "",
    ];

    /// <summary>Reads an offset and <see cref="ToPairs"/>; fields that this version does not know are left out.</summary>
    /// <exception cref="FormatException">They are not what Radar writes.</exception>
    internal static PartitionPosition OfPairs(string offset, IReadOnlyList<string> pairs)
    {
        var fields = new RedisValue[Fields.Length];
        fields[0] = offset;
        for (int i = 0; i + 1 < pairs.Count; i += 2)
        {
            if (Array.IndexOf(Fields, (RedisValue)pairs[i]) is > 0 and var at)
                fields[at] = pairs[i + 1];
        }

        return Parse("a change", fields)!.Value;
    }

    /// <inheritdoc/>
    public override string ToString() => Offset.ToString(CultureInfo.InvariantCulture);

    private static string Short(RedisValue value) => value.ToString() is { Length: > 40 } text ? text[..40] + "…" : value.ToString();
}

/// <summary>
/// Which topic a position counts in. A topic that was deleted and made again begins at 0 again; a topic with more partitions places
/// symbols elsewhere. Both would corrupt a state that continued regardless.
/// </summary>
/// <param name="Topic">Name.</param>
/// <param name="Id">The broker's id of the topic, or null where the broker has none.</param>
/// <param name="Partitions">Partition count.</param>
public readonly record struct TopicIdentity(string Topic, string? Id, int Partitions)
{
    /// <summary>True where nothing that both know differs.</summary>
    public bool Matches(TopicIdentity other) =>
        Topic == other.Topic && Partitions == other.Partitions && (Id is null || other.Id is null || Id == other.Id);

    /// <summary>
    /// Why a state of this topic is not one of <paramref name="now"/>, as the beginning of a sentence; null where it matches.
    /// </summary>
    /// <param name="now">What Kafka has.</param>
    public string? DifferenceTo(TopicIdentity now) => Matches(now)
        ? null
        : Topic != now.Topic ? $"The state is of topic {Topic}, and not of {now.Topic}"
        : Id is not null && now.Id is not null && Id != now.Id
            ? $"Topic {Topic} was recreated: the state is of the one with id {Id}, and now it is {now.Id}"
        : string.Create(
            CultureInfo.InvariantCulture,
            $"Topic {Topic} had {Partitions} partitions when the state was begun, now it has {now.Partitions}");

    /// <summary>Reads <see cref="ToString"/>; null where it is not one.</summary>
    public static TopicIdentity? TryParse(string? text) =>
        text?.Split(' ') is [{ Length: > 0 } topic, { Length: > 0 } id, var count]
        && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int partitions) && partitions > 0
            ? new TopicIdentity(topic, id == "-" ? null : id, partitions)
            : null;

    /// <summary><c>topic id partitions</c>; the id is <c>-</c> where there is none.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Topic} {Id ?? "-"} {Partitions}");
}
