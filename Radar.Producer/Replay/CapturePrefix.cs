using System.Buffers;

namespace Radar.Producer.Replay;

/// <summary>
/// The recorder's clock before a message: Unix time in any unit, with or without a fraction, or ISO 8601, also in brackets; then blanks,
/// tabs, a comma, a semicolon, a bar or a colon.
/// </summary>
internal static class CapturePrefix
{
    // Longer than any time with its zone.
    private const int LengthMax = 48;

    private static readonly SearchValues<byte> Clock = SearchValues.Create("0123456789.:"u8);
    private static readonly SearchValues<byte> Separators = SearchValues.Create(" \t,;|:"u8);

    /// <summary>Where the message begins; 0 without a time, -1 where the line is neither.</summary>
    public static int Length(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
            return -1;
        if (line[0] == '[')
            return InBrackets(line) is > 0 and var bracketed ? bracketed : 0;
        if (line[0] is not (>= (byte)'0' and <= (byte)'9'))
            return line[0] == '{' ? 0 : -1;
        var head = line[..Math.Min(line.Length, LengthMax)];
        int json = head.IndexOfAny((byte)'{', (byte)'[');
        if (json > 0)
            return IsTime(head[..json]) ? json : -1;

        // A text such as "pong".
        int blank = head.IndexOfAny((byte)' ', (byte)'\t');
        return blank > 0 && IsTime(head[..(blank + 1)]) ? blank + 1 : -1;
    }

    /// <summary><c>[2024-03-01T00:00:00Z] {…}</c>; a list of numbers is a message.</summary>
    private static int InBrackets(ReadOnlySpan<byte> line)
    {
        int end = line[..Math.Min(line.Length, LengthMax)].IndexOf((byte)']');
        if (end < 0 || !EventTime.TryParse(line[1..end], TimeUnit.Iso8601, out _))
            return -1;
        int json = line[(end + 1)..].IndexOfAnyExcept(Separators);
        return json < 0 ? -1 : end + 1 + json;
    }

    private static bool IsTime(ReadOnlySpan<byte> prefix)
    {
        int end = prefix.LastIndexOfAnyExcept(Separators) + 1;
        return end > 0 && end < prefix.Length
            && (!prefix[..end].ContainsAnyExcept(Clock) || EventTime.TryParse(prefix[..end], TimeUnit.Iso8601, out _));
    }
}
