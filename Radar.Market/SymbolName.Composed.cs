namespace Radar.Market;

/// <content>Letters that are not in normal form C.</content>
public static partial class SymbolName
{
    /// <summary>
    /// Letters and digits that normal form C replaces by others (NFC_Quick_Check=No in Unicode's DerivedNormalizationProps.txt), and
    /// Hangul vowels and trailing consonants, which it combines with the letter before them. First and last code point, ascending. The
    /// runtime's own normalization needs ICU, which not every machine has.
    /// </summary>
    private static readonly (int First, int Last)[] NotComposed =
    [
        (0x374, 0x374), (0x958, 0x95F), (0x9DC, 0x9DD), (0x9DF, 0x9DF), (0xA33, 0xA33), (0xA36, 0xA36), (0xA59, 0xA5B), (0xA5E, 0xA5E),
        (0xB5C, 0xB5D), (0xF43, 0xF43), (0xF4D, 0xF4D), (0xF52, 0xF52), (0xF57, 0xF57), (0xF5C, 0xF5C), (0xF69, 0xF69),
        (0x1160, 0x11FF), (0x1F71, 0x1F71), (0x1F73, 0x1F73), (0x1F75, 0x1F75), (0x1F77, 0x1F77), (0x1F79, 0x1F79), (0x1F7B, 0x1F7B),
        (0x1F7D, 0x1F7D), (0x1FBB, 0x1FBB), (0x1FBE, 0x1FBE), (0x1FC9, 0x1FC9), (0x1FCB, 0x1FCB), (0x1FD3, 0x1FD3), (0x1FDB, 0x1FDB),
        (0x1FE3, 0x1FE3), (0x1FEB, 0x1FEB), (0x1FF9, 0x1FF9), (0x1FFB, 0x1FFB), (0x2126, 0x2126), (0x212A, 0x212B), (0xD7B0, 0xD7FB),
        (0xF900, 0xFA0D), (0xFA10, 0xFA10), (0xFA12, 0xFA12), (0xFA15, 0xFA1E), (0xFA20, 0xFA20), (0xFA22, 0xFA22), (0xFA25, 0xFA26),
        (0xFA2A, 0xFA6D), (0xFA70, 0xFAD9), (0xFB1D, 0xFB1D), (0xFB1F, 0xFB1F), (0xFB2A, 0xFB36), (0xFB38, 0xFB3C), (0xFB3E, 0xFB3E),
        (0xFB40, 0xFB41), (0xFB43, 0xFB44), (0xFB46, 0xFB4E), (0x2F800, 0x2FA1D),
    ];

    /// <summary>Whether a letter or a digit may stand in a text of normal form C, whatever is around it.</summary>
    private static bool IsComposed(int codePoint)
    {
        int low = 0, high = NotComposed.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (codePoint < NotComposed[middle].First)
                high = middle - 1;
            else if (codePoint > NotComposed[middle].Last)
                low = middle + 1;
            else
                return false;
        }

        return true;
    }
}
