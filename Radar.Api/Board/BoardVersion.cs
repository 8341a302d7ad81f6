using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>
/// Which state an answer from several partitions was made from, and the <c>id</c> of a stream's events; in text
/// <c>&lt;epoch&gt;-&lt;topic&gt;-&lt;position of partition 0&gt;-&lt;of 1&gt;-…</c>, where the topic is a hash of its identity in 8 hex
/// digits and <c>n</c> stands
/// for a partition that has no state yet. Positions of different epochs or topics are no versions of each other.
/// </summary>
internal sealed class BoardVersion : IEquatable<BoardVersion>
{
    /// <summary>The version of a board that has nothing: no consumer has written yet.</summary>
    public static readonly BoardVersion Empty = new(RedisKeys.FirstEpoch, "00000000", [], [], []);

    private const int EpochLengthMax = 16;
    private const int PartitionsMax = 100_000;

    private readonly ImmutableArray<string?> _incomplete;
    private string? _text;
    private string? _joined;

    private BoardVersion(
        string epoch, string topic, ImmutableArray<long?> positions, ImmutableArray<long> recordMs, ImmutableArray<string?> incomplete) =>
        (Epoch, Topic, Positions, RecordMs, _incomplete) = (epoch, topic, positions, recordMs, incomplete);

    public string Epoch { get; }

    /// <summary>Hash of the topic's identity, 8 hex digits.</summary>
    public string Topic { get; }

    /// <summary>The next record to apply, by partition; null where nothing is stored.</summary>
    public ImmutableArray<long?> Positions { get; }

    /// <summary>
    /// Kafka timestamp of the last record before each position, Unix ms; 0 where that is not at hand. It shows how old the state is, and is
    /// no part of its version.
    /// </summary>
    public ImmutableArray<long> RecordMs { get; }

    /// <summary>
    /// Integrity marks of all partitions, see <see cref="IntegrityMarks"/>; null where none has any. No part of the version, but of the
    /// entity tag.
    /// </summary>
    public string? Incomplete => (_joined ??= IntegrityMarks.Join(_incomplete) ?? "") is { Length: > 0 } marks ? marks : null;

    /// <summary>The version of a state of which nothing is known yet.</summary>
    public static BoardVersion Of(MarketLayout layout) => Of(layout, [.. new PartitionPosition?[layout.PartitionCount]]);

    /// <summary>The version of a state that was read.</summary>
    public static BoardVersion Of(MarketLayout layout, ImmutableArray<PartitionPosition?> positions) => new(
        layout.Epoch,
        HashOf(layout.Identity).ToString("x8", CultureInfo.InvariantCulture),
        [.. positions.Select(position => position?.Offset)],
        [.. positions.Select(position => position?.RecordMs ?? 0)],
        [.. positions.Select(position => position?.Incomplete)]);

    /// <summary>Distinguishes topics, in 32 bits.</summary>
    public static uint HashOf(TopicIdentity topic) => XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(topic.ToString()));

    /// <summary>The same before anything was stored.</summary>
    public BoardVersion Beginning() =>
        new(Epoch, Topic, [.. new long?[Positions.Length]], [.. new long[Positions.Length]], [.. new string?[Positions.Length]]);

    /// <summary>The same with one partition elsewhere, of which only the offset is at hand.</summary>
    public BoardVersion With(int partition, long? position) =>
        new(Epoch, Topic, Positions.SetItem(partition, position), RecordMs.SetItem(partition, 0), _incomplete);

    /// <summary>The same with one partition as it was read; null is a partition that has no state.</summary>
    public BoardVersion WithRead(int partition, PartitionPosition? position) => new(
        Epoch, Topic, Positions.SetItem(partition, position?.Offset), RecordMs.SetItem(partition, position?.RecordMs ?? 0),
        _incomplete[partition] == position?.Incomplete ? _incomplete : _incomplete.SetItem(partition, position?.Incomplete));

    /// <summary>The same with other integrity marks of one partition.</summary>
    public BoardVersion WithMarks(int partition, string? incomplete) =>
        new(Epoch, Topic, Positions, RecordMs, _incomplete.SetItem(partition, incomplete));

    /// <summary>True where <paramref name="other"/> counts in the same epoch and topic.</summary>
    public bool IsComparableTo(BoardVersion other) =>
        Epoch == other.Epoch && Topic == other.Topic && Positions.Length == other.Positions.Length;

    /// <summary>True where no partition is behind <paramref name="other"/>, which must be comparable.</summary>
    public bool Covers(BoardVersion other)
    {
        for (int i = 0; i < Positions.Length; i++)
        {
            if (other.Positions[i] is { } asked && !(Positions[i] >= asked))
                return false;
        }

        return true;
    }

    /// <summary>Reads <see cref="ToString"/>; refuses everything that it would not have written.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out BoardVersion? version)
    {
        version = null;
        string[] parts = text is { Length: <= 1 << 20 } ? text.Split('-') : [];
        if (parts.Length is < 2 or > PartitionsMax || parts[0] is not { Length: > 0 and <= EpochLengthMax } || parts[1].Length != 8)
            return false;
        var positions = ImmutableArray.CreateBuilder<long?>(parts.Length - 2);
        foreach (string part in parts.AsSpan(2))
        {
            if (part == "n")
                positions.Add(null);
            else if (long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long position))
                positions.Add(position);
            else
                return false;
        }

        version = new BoardVersion(
            parts[0], parts[1], positions.MoveToImmutable(), [.. new long[parts.Length - 2]], [.. new string?[parts.Length - 2]]);
        return version.ToString() == text;
    }

    public bool Equals(BoardVersion? other) => other is not null && ToString() == other.ToString();

    public override bool Equals(object? obj) => Equals(obj as BoardVersion);

    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    public override string ToString() => _text ??= Write();

    private string Write()
    {
        var text = new StringBuilder(16 + (8 * Positions.Length)).Append(Epoch).Append('-').Append(Topic);
        foreach (long? position in Positions)
        {
            text.Append('-');
            if (position is { } known)
                text.Append(CultureInfo.InvariantCulture, $"{known}");
            else
                text.Append('n');
        }

        return text.ToString();
    }
}
