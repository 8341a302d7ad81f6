using System.Buffers;

namespace Radar.Producer.Replay;

/// <summary>
/// Splits JSON that goes over several lines into its records: the items of one list, or values one behind the other. Only brackets and
/// quotes are looked at; what is between them is for the parser.
/// </summary>
internal sealed class JsonSplitter
{
    private readonly ArrayBufferWriter<byte> _record = new(1 << 12);
    private int _depth;
    private int _listDepth; // 1 inside a list whose items are the records
    private bool _maybeList;
    private bool _inText;
    private bool _escaped;

    /// <summary>The last record; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Record => _record.WrittenMemory;

    /// <summary>A record has begun and not ended.</summary>
    public bool IsInside => _depth > _listDepth || _maybeList;

    /// <summary>
    /// Reads from <paramref name="rest"/> to the end of the next record, and takes what was read off it. False where the record goes on
    /// behind it.
    /// </summary>
    public bool TryRead(ref ReadOnlySpan<byte> rest)
    {
        if (_depth == _listDepth && !_maybeList)
            _record.ResetWrittenCount();
        for (int i = 0; i < rest.Length; i++)
        {
            byte of = rest[i];
            if (_inText)
            {
                Keep(of);
                _inText = _escaped || of != '"';
                _escaped = !_escaped && of == '\\';
                continue;
            }

            if (of is (byte)' ' or (byte)'\t' or (byte)'\r')
                continue;
            if (_maybeList)
            {
                // [{ and [[ are a list of records; [1 is a record that is a list.
                _maybeList = false;
                if (of is (byte)'{' or (byte)'[')
                    (_depth, _listDepth) = (1, 1);
                else
                    Keep((byte)'[');
            }

            if (_depth == _listDepth && of is (byte)',' or (byte)']' && _listDepth > 0 && _depth == 1)
            {
                if (of == ']')
                    (_depth, _listDepth) = (0, 0);
                continue;
            }

            if (_depth == 0 && of == '[')
            {
                (_maybeList, _depth) = (true, 1);
                continue;
            }

            Keep(of);
            _inText = of == '"';
            if (of is (byte)'{' or (byte)'[')
                _depth++;
            else if (of is (byte)'}' or (byte)']')
                _depth--;
            if (_depth == _listDepth && of is (byte)'}' or (byte)']' && _depth <= _listDepth)
            {
                _depth = _listDepth;
                rest = rest[(i + 1)..];
                return true;
            }
        }

        rest = default;
        if (_record.WrittenCount > 0)
            Keep((byte)'\n');
        return false;
    }

    private void Keep(byte of)
    {
        _record.GetSpan(1)[0] = of;
        _record.Advance(1);
    }
}
