using System.Text;

namespace Radar.Producer.Mapping;

/// <summary>What becomes of records that are marked as corrections or cancels, as Polygon's column <c>correction</c> does.</summary>
public enum CorrectionPolicy
{
    /// <summary>They are left out, counted and logged: the trades that they are about count as they were first reported.</summary>
    LeaveOut,

    /// <summary>The corrected record counts; the one that it replaces, and what was cancelled or wrong, does not.</summary>
    Apply,

    /// <summary>Each counts as a trade.</summary>
    Count,
}

/// <summary>
/// Reads marks of corrections: those of the US tapes (01, 07, 08 of the original; 10, 11, 12 of the record about it), and words.
/// </summary>
internal static class TickCorrection
{
    /// <summary>Whether a record with this mark counts as a trade.</summary>
    public static bool Counts(Scalar mark, CorrectionPolicy policy)
    {
        if (policy == CorrectionPolicy.Count || IsPlain(mark))
            return true;
        return policy == CorrectionPolicy.Apply
            && (mark.Utf8.SequenceEqual("12"u8) || Ascii.EqualsIgnoreCase(mark.Utf8, "corrected"u8)
                || Ascii.EqualsIgnoreCase(mark.Utf8, "correction"u8));
    }

    /// <summary>Nothing, 0, 00 and false are no correction.</summary>
    private static bool IsPlain(Scalar mark) =>
        mark.Utf8.Trim((byte)'0').IsEmpty || Ascii.EqualsIgnoreCase(mark.Utf8, "false"u8);
}
