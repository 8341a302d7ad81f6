using System.Collections.Immutable;
using Radar.Api.Access;
using Radar.Market.Store;

namespace Radar.Api.Board;

/// <summary>What the board has of a symbol. Records are those of <see cref="StoredRecord"/>.</summary>
/// <param name="Symbol">Normalized.</param>
/// <param name="Partition">Where the symbol lives.</param>
/// <param name="Latest">Latest record.</param>
/// <param name="Day">Day record; empty where there is none.</param>
/// <param name="TimestampMs">Event time of the latest trade, Unix ms.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="ChangePercent">Against the previous day's close; null where there is none.</param>
internal sealed record BoardTicker(
    string Symbol, int Partition, ReadOnlyMemory<byte> Latest, ReadOnlyMemory<byte> Day, long TimestampMs, long Offset,
    decimal? ChangePercent)
{
    /// <summary>A ticker with records of its own: those given may be slices of something large.</summary>
    public static BoardTicker Of(string symbol, int partition, ReadOnlySpan<byte> latest, ReadOnlySpan<byte> day)
    {
        byte[] both = [.. latest, .. day];
        var (timestampMs, offset) = StoredRecord.Order(latest);
        return new BoardTicker(
            symbol, partition, both.AsMemory(0, latest.Length), both.AsMemory(latest.Length), timestampMs, offset,
            day.IsEmpty ? null : StoredRecord.ChangePercent(day));
    }
}

/// <summary>Tickers and the version that they all belong to.</summary>
/// <param name="Version">Positions of all partitions.</param>
/// <param name="Tickers">In ordinal order of their symbols.</param>
internal readonly record struct BoardView(BoardVersion Version, ImmutableArray<BoardTicker> Tickers)
{
    /// <summary>What of it a caller may see; null is everything.</summary>
    public BoardView Only(SymbolPatterns? allowed) =>
        allowed is null ? this : this with { Tickers = [.. Tickers.Where(ticker => allowed.Allow(ticker.Symbol))] };
}

/// <summary>One symbol on the board.</summary>
/// <param name="Location">Where it lives, with its latest record; null where the board does not have it.</param>
/// <param name="InSync">
/// The board follows that partition, or, for a symbol that it does not have, every partition, of which there are some; and it has all
/// that was served of it.
/// </param>
internal readonly record struct BoardFind(SymbolLocation? Location, bool InSync);
