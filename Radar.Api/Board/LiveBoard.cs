using System.Collections.Immutable;
using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Radar.Market.Store;

namespace Radar.Api.Board;

// STAND-IN, dropped on rebase.
#pragma warning disable CA1822
internal sealed class LiveBoard
{
    public bool IsWhole => false;

    public BoardTicker? Find(string symbol) => null;

    public BoardVersion Version => new("1", []);

    public BoardView Read(IReadOnlyCollection<string>? symbols) => new(Version, [], false);
}

internal sealed record BoardTicker(
    string Symbol, int Partition, ReadOnlyMemory<byte> Latest, ReadOnlyMemory<byte> Day, long TimestampMs, long Offset, decimal? ChangePercent);

internal sealed record BoardView(BoardVersion Version, ImmutableArray<BoardTicker> Tickers, bool Whole);

internal sealed record BoardVersion(string Epoch, ImmutableArray<PartitionPosition?> Positions)
{
    public override string ToString()
    {
        var identity = Positions.FirstOrDefault(position => position is not null)?.Identity;
        uint hash = identity is { } known ? XxHash32.HashToUInt32(Encoding.UTF8.GetBytes(known.ToString())) : 0;
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{Epoch}-{hash:x8}");
        foreach (var position in Positions)
            text.Append('-').Append(position?.ToString() ?? "n");
        return text.ToString();
    }
}
