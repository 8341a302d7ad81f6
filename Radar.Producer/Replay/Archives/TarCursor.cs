using System.Formats.Tar;

namespace Radar.Producer.Replay.Archives;

/// <summary>A place in a tar that is read from its beginning to its end; the beginning of the current file can be read again.</summary>
internal sealed class TarCursor(Stream tar) : IDisposable
{
    // A file is recognised by its beginning, and opened again to be read.
    private const int HeadBytesMax = 1 << 20;

    private readonly TarReader _reader = new(tar);
    private readonly MemoryStream _head = new();
    private int _index = -1;
    private Stream? _data;
    private bool _isPastHead;
    private int _replayed;

    /// <summary>Whether an entry lies ahead, or is the current one and can be read from its beginning.</summary>
    public bool CanReach(int index) => index > _index || (index == _index && !_isPastHead);

    /// <summary>Goes to the beginning of an entry that can be reached.</summary>
    /// <exception cref="InvalidDataException">The tar is damaged, or ends before it.</exception>
    public void MoveTo(int index)
    {
        _replayed = 0;
        if (index == _index)
            return;
        TarEntry? entry = null;
        for (; _index < index; _index++)
            entry = _reader.GetNextEntry() ?? throw new InvalidDataException("the archive no longer holds the file");
        _data = entry!.DataStream ?? throw new InvalidDataException("the archive no longer holds the file");
        _head.SetLength(0);
        _isPastHead = false;
    }

    /// <summary>Reads on in the current entry.</summary>
    public int Read(Span<byte> buffer)
    {
        if (_replayed < _head.Length)
        {
            int again = Math.Min(buffer.Length, (int)_head.Length - _replayed);
            _head.GetBuffer().AsSpan(_replayed, again).CopyTo(buffer);
            _replayed += again;
            return again;
        }

        int read = _data!.Read(buffer);
        if (!_isPastHead && _head.Length + read <= HeadBytesMax)
        {
            _head.Position = _head.Length;
            _head.Write(buffer[..read]);
            _replayed += read;
        }
        else
        {
            _isPastHead = true;
        }

        return read;
    }

    public void Dispose()
    {
        _reader.Dispose();
        tar.Dispose();
    }
}

/// <summary>The current entry of a cursor.</summary>
/// <param name="cursor">Nobody else's until this is closed.</param>
/// <param name="closed">Takes the cursor back.</param>
internal sealed class TarEntryStream(TarCursor cursor, Action<TarCursor> closed) : ReadStream
{
    private TarCursor? _cursor = cursor;

    public override int Read(Span<byte> buffer) => (_cursor ?? throw new ObjectDisposedException(nameof(TarEntryStream))).Read(buffer);

    protected override void Dispose(bool disposing)
    {
        if (disposing && _cursor is { } used)
        {
            _cursor = null;
            closed(used);
        }

        base.Dispose(disposing);
    }
}
