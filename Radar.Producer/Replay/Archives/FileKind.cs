using System.Buffers.Binary;
using System.Text;

namespace Radar.Producer.Replay.Archives;

/// <summary>What a file's first bytes show it to be.</summary>
internal enum FileKind
{
    /// <summary>Text, or nothing that is known.</summary>
    Text,

    Gzip,
    Zstd,
    Xz,
    Bzip2,
    Zip,
    Tar,

    /// <summary>Of a kind that Radar does not read.</summary>
    Other,
}

/// <summary>Recognises files by their first bytes; names are not looked at.</summary>
internal static class FileKinds
{
    /// <summary>So many first bytes are wanted.</summary>
    public const int HeadBytes = 4096;

    private const int TarHeaderBytes = 512;
    private const string Unpack = "; unpack it, or pack it as gzip, zstd, xz, bzip2, zip or tar";
    private const string Save = "; save it as CSV or as newline-delimited JSON";

    // Compressed and other binary data has one control character in ten bytes, a text has none, or a few by mistake.
    private const int BytesPerControlMin = 50;

    private static readonly (byte[] Magic, FileKind Kind, string Fault)[] Kinds =
    [
        (Bytes(0x1F, 0x8B), FileKind.Gzip, ""),
        (Bytes(0x28, 0xB5, 0x2F, 0xFD), FileKind.Zstd, ""),
        (Bytes(0xFD, '7', 'z', 'X', 'Z', 0), FileKind.Xz, ""),
        (Bytes('P', 'K', 3, 4), FileKind.Zip, ""),
        (Bytes('P', 'K', 5, 6), FileKind.Zip, ""),
        (Bytes('P', 'K', 7, 8), FileKind.Other, "it is a zip in several parts, which Radar does not read" + Unpack),
        (Bytes('7', 'z', 0xBC, 0xAF, 0x27, 0x1C), FileKind.Other, "it is a 7z archive, which Radar does not read" + Unpack),
        (Bytes('R', 'a', 'r', '!', 0x1A, 7), FileKind.Other, "it is a rar archive, which Radar does not read" + Unpack),
        (Bytes(4, 0x22, 0x4D, 0x18), FileKind.Other, "it is packed with lz4, which Radar does not read" + Unpack),
        (Bytes(2, 0x21, 0x4C, 0x18), FileKind.Other, "it is packed with lz4, which Radar does not read" + Unpack),
        (Bytes(0xFF, 6, 0, 0, 's', 'N', 'a', 'P'), FileKind.Other, "it is packed with snappy, which Radar does not read" + Unpack),
        (Bytes('L', 'Z', 'I', 'P'), FileKind.Other, "it is packed with lzip, which Radar does not read" + Unpack),
        (Bytes(0x89, 'L', 'Z', 'O'), FileKind.Other, "it is packed with lzop, which Radar does not read" + Unpack),
        (Bytes(0x5D, 0, 0), FileKind.Other, "it is packed with lzma, which Radar does not read" + Unpack),
        (Bytes(0x1F, 0x9D), FileKind.Other, "it is packed with compress, which Radar does not read" + Unpack),
        (Bytes('M', 'S', 'C', 'F'), FileKind.Other, "it is a cabinet, which Radar does not read" + Unpack),
        (Bytes('P', 'A', 'R', '1'), FileKind.Other, "it is a Parquet file, which Radar does not read" + Save),
        (Bytes('A', 'R', 'R', 'O', 'W', '1'), FileKind.Other, "it is an Arrow file, which Radar does not read" + Save),
        (Bytes('F', 'E', 'A', '1'), FileKind.Other, "it is a Feather file, which Radar does not read" + Save),
        (Bytes(0xFF, 0xFF, 0xFF, 0xFF), FileKind.Other, "it is an Arrow stream, which Radar does not read" + Save),
        ([.. "SQLite format 3\0"u8], FileKind.Other, "it is an SQLite database, which Radar does not read" + Save),
        (Bytes('D', 'B', 'N'), FileKind.Other, "it is a DBN file of Databento, which Radar does not read" + Save),
        (Bytes('O', 'R', 'C'), FileKind.Other, "it is an ORC file, which Radar does not read" + Save),
        (Bytes('O', 'b', 'j', 1), FileKind.Other, "it is an Avro file, which Radar does not read" + Save),
        (Bytes(0x89, 'H', 'D', 'F'), FileKind.Other, "it is an HDF5 file, which Radar does not read" + Save),
        (Bytes(0x93, 'N', 'U', 'M', 'P', 'Y'), FileKind.Other, "it is a NumPy file, which Radar does not read" + Save),
        (Bytes(0xD0, 0xCF, 0x11, 0xE0), FileKind.Other, "it is a document of an office program, which Radar does not read" + Save),
    ];

    /// <summary>The kind of what begins with <paramref name="head"/>.</summary>
    /// <param name="head"><see cref="HeadBytes"/>, or all that there is.</param>
    /// <param name="fault">Why it cannot be read, for people and without a full stop, where it is <see cref="FileKind.Other"/>.</param>
    public static FileKind Of(ReadOnlySpan<byte> head, out string fault)
    {
        fault = "";
        foreach (var (magic, kind, reason) in Kinds)
        {
            if (head.StartsWith(magic) && !(magic[0] is (byte)'O' or (byte)'D' or (byte)'F' && !IsBinary(head)))
            {
                fault = reason;
                return kind;
            }
        }

        // pzstd begins with a frame to be skipped.
        if (head.Length >= 4 && (BinaryPrimitives.ReadUInt32LittleEndian(head) & 0xFFFFFFF0) == 0x184D2A50)
            return FileKind.Zstd;
        if (head is [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', 0x31 or 0x17, ..])
            return FileKind.Bzip2;
        if (IsTar(head))
            return FileKind.Tar;
        if (head is [0xFF, 0xFE, 0, 0, ..] or [0, 0, 0xFE, 0xFF, ..])
        {
            fault = "it is text in UTF-32, which Radar does not read; save it as UTF-8";
            return FileKind.Other;
        }

        if (ByteOrder(head) is not null || !IsBinary(head))
            return FileKind.Text;
        fault = IsUtf16(head)
            ? "it is text in UTF-16 without a byte order mark; save it as UTF-8"
            : "it is neither text nor a kind of archive that Radar knows" + Save;
        return FileKind.Other;
    }

    /// <summary>What text is changed from to UTF-8, as its byte order mark shows, or null.</summary>
    public static Encoding? ByteOrder(ReadOnlySpan<byte> head) =>
        head is [0xFF, 0xFE, ..] ? Encoding.Unicode : head is [0xFE, 0xFF, ..] ? Encoding.BigEndianUnicode : null;

    /// <summary>The checksum is in all of tar's formats: the sum of the header's bytes, its own eight counted as blanks.</summary>
    private static bool IsTar(ReadOnlySpan<byte> head)
    {
        if (head.Length < TarHeaderBytes || head[0] == 0)
            return false;
        string text = Encoding.ASCII.GetString(head[148..156]).Trim(' ', '\0');
        if (text.Length == 0 || !text.All(digit => digit is >= '0' and <= '7'))
            return false;
        int sum = 8 * ' ';
        for (int i = 0; i < TarHeaderBytes; i++)
            sum += i is >= 148 and < 156 ? 0 : head[i];
        return sum == Convert.ToInt32(text, 8);
    }

    /// <summary>Every other byte of what is mostly ASCII is 0.</summary>
    private static bool IsUtf16(ReadOnlySpan<byte> head)
    {
        int even = 0;
        int odd = 0;
        for (int i = 0; i + 1 < head.Length; i += 2)
        {
            even += head[i] == 0 ? 1 : 0;
            odd += head[i + 1] == 0 ? 1 : 0;
        }

        return Math.Max(even, odd) > head.Length / 3 && Math.Min(even, odd) == 0;
    }

    private static bool IsBinary(ReadOnlySpan<byte> head)
    {
        int controls = 0;
        foreach (byte value in head)
            controls += value < ' ' && value is not ((byte)'\t' or (byte)'\n' or (byte)'\r' or 0x0C or 0x1A or 0x1B) ? 1 : 0;
        return controls * BytesPerControlMin > head.Length;
    }

    private static byte[] Bytes(params int[] values) => Array.ConvertAll(values, value => (byte)value);
}
