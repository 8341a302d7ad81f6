using System.Globalization;

namespace Radar.Tests.Page;

/// <summary>
/// How far apart colours are for people who lack a kind of cone: Machado, Oliveira and Fernandes, "A Physiologically-based Model for
/// Simulation of Color Vision Deficiency" (2009), severity 1, in linear RGB; and the contrast of WCAG 2.
/// </summary>
internal static class ColourVision
{
    public static readonly double[,] Usual = { { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, 1 } };

    public static readonly double[,] Deuteranopia =
    {
        { 0.367322, 0.860646, -0.227968 }, { 0.280085, 0.672501, 0.047413 }, { -0.011820, 0.042940, 0.968881 },
    };

    public static readonly double[,] Protanopia =
    {
        { 0.152286, 1.052583, -0.204868 }, { 0.114503, 0.786281, 0.099216 }, { -0.003882, -0.048116, 1.051998 },
    };

    /// <summary>Distance in CIELAB (1976); about 2 can just be seen.</summary>
    public static double Distance(string left, string right, double[,] vision)
    {
        double[] first = Lab(Seen(Linear(left), vision)), second = Lab(Seen(Linear(right), vision));
        return Math.Sqrt(first.Zip(second, (a, b) => (a - b) * (a - b)).Sum());
    }

    /// <summary>Contrast, 1 to 21.</summary>
    public static double Contrast(string left, string right)
    {
        double first = Luminance(Linear(left)), second = Luminance(Linear(right));
        return (Math.Max(first, second) + 0.05) / (Math.Min(first, second) + 0.05);
    }

    private static double[] Linear(string hex) => [.. Enumerable.Range(0, 3).Select(i =>
    {
        double value = int.Parse(hex.AsSpan(1 + (2 * i), 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    })];

    private static double[] Seen(double[] rgb, double[,] vision) => [.. Enumerable.Range(0, 3).Select(
        row => Math.Clamp((vision[row, 0] * rgb[0]) + (vision[row, 1] * rgb[1]) + (vision[row, 2] * rgb[2]), 0, 1))];

    private static double Luminance(double[] rgb) => (0.2126 * rgb[0]) + (0.7152 * rgb[1]) + (0.0722 * rgb[2]);

    private static double[] Lab(double[] rgb)
    {
        double x = Root(((0.4124 * rgb[0]) + (0.3576 * rgb[1]) + (0.1805 * rgb[2])) / 0.95047);
        double y = Root(Luminance(rgb));
        double z = Root(((0.0193 * rgb[0]) + (0.1192 * rgb[1]) + (0.9505 * rgb[2])) / 1.08883);
        return [(116 * y) - 16, 500 * (x - y), 200 * (y - z)];
    }

    private static double Root(double value) => value > 0.008856 ? Math.Cbrt(value) : (7.787 * value) + (16.0 / 116);
}
