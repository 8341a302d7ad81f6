namespace Radar.ServiceDefaults.Settings;

/// <summary>What somebody probably meant who misspelt a name.</summary>
public static class Spelling
{
    private const int HintsMax = 3;

    /// <summary><c> Did you mean X or Y?</c>, with the space before it; empty where nothing known is near.</summary>
    /// <param name="given">What was typed, in any case.</param>
    /// <param name="known">What exists.</param>
    public static string Hint(string given, IEnumerable<string> known) => Hint(Near(given, known));

    /// <summary>The same for names that were found near.</summary>
    public static string Hint(IReadOnlyList<string> near) => near.Count == 0 ? "" : $" Did you mean {string.Join(" or ", near)}?";

    /// <summary>The nearest of the known names, at most three of one distance; none where all are far.</summary>
    public static IReadOnlyList<string> Near(string given, IEnumerable<string> known) => Near(given, known, static name => name);

    /// <summary>The same, where <paramref name="spelled"/> is the part of a name that is compared.</summary>
    public static IReadOnlyList<string> Near(string given, IEnumerable<string> known, Func<string, string> spelled)
    {
        var near = known.Select(name => (Name: name, Distance: Distance(given.ToUpperInvariant(), spelled(name).ToUpperInvariant())))
            .Where(candidate => candidate.Distance <= Math.Max(1, Math.Min(given.Length, spelled(candidate.Name).Length) / 3))
            .OrderBy(candidate => candidate.Distance).ToList();
        return [.. near.TakeWhile(candidate => candidate.Distance == near[0].Distance).Select(candidate => candidate.Name).Take(HintsMax)];
    }

    /// <summary>
    /// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours that turn one text into the other.
    /// </summary>
    internal static int Distance(string one, string other)
    {
        var distance = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++)
            distance[i, 0] = i;
        for (int j = 0; j <= other.Length; j++)
            distance[0, j] = j;
        for (int i = 1; i <= one.Length; i++)
        {
            for (int j = 1; j <= other.Length; j++)
            {
                int replaced = distance[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                distance[i, j] = Math.Min(replaced, Math.Min(distance[i - 1, j], distance[i, j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    distance[i, j] = Math.Min(distance[i, j], distance[i - 2, j - 2] + 1);
            }
        }

        return distance[one.Length, other.Length];
    }
}
