using Radar.Api.Board;
using Radar.Market.Store;

namespace Radar.Api.Streaming;

/// <summary>
/// The first event of a stream, <c>{"tickers":[…]}</c> of all its symbols, encoded in pieces that a client takes one by one. Clients of
/// every symbol that come while others still take theirs get the same bytes, and then what has changed since.
/// </summary>
internal sealed class StreamSnapshot : IDisposable
{
    /// <summary>Bytes of a piece: small enough for the ordinary heap, from which they are given back soon.</summary>
    public const int PieceBytes = 64 * 1024;

    private readonly Action<StreamSnapshot> _released;
    private int _holders = 1;

    private StreamSnapshot(BoardVersion version, List<ReadOnlyMemory<byte>> pieces, Action<StreamSnapshot> released)
    {
        (Version, Pieces, _released) = (version, pieces, released);
        foreach (var piece in pieces)
            Size += piece.Length;
    }

    /// <summary>What a client has that has taken it.</summary>
    public BoardVersion Version { get; }

    /// <summary>From <c>event:</c> to the empty line.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Pieces { get; }

    public long Size { get; }

    /// <summary>Encodes what the board has.</summary>
    /// <param name="view">The tickers and their version.</param>
    /// <param name="released">Called when it has no holder any more; the encoder is the first.</param>
    public static StreamSnapshot Of(in BoardView view, Action<StreamSnapshot> released)
    {
        var pieces = new List<ReadOnlyMemory<byte>>();
        byte[] piece = new byte[view.Tickers.Length < 64 ? 4096 : PieceBytes];
        int length = 0;
        Add("event: snapshot\ndata: {\"tickers\":["u8);
        for (int i = 0; i < view.Tickers.Length; i++)
        {
            if (i > 0)
                Add(","u8);
            Add(StoredRecord.Public(view.Tickers[i].Latest.Span));
        }

        Add("]}\n\n"u8);
        pieces.Add(piece.AsMemory(0, length));
        return new StreamSnapshot(view.Version, pieces, released);

        void Add(ReadOnlySpan<byte> bytes)
        {
            while (bytes.Length > piece.Length - length)
            {
                int part = piece.Length - length;
                bytes[..part].CopyTo(piece.AsSpan(length));
                bytes = bytes[part..];
                pieces.Add(piece);
                (piece, length) = (new byte[PieceBytes], 0);
            }

            bytes.CopyTo(piece.AsSpan(length));
            length += bytes.Length;
        }
    }

    /// <summary>One more holder; false where the last has let go meanwhile.</summary>
    public bool TryHold()
    {
        int holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            int found = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (found == holders)
                return true;
            holders = found;
        }

        return false;
    }

    /// <summary>One holder less.</summary>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            _released(this);
    }
}
