namespace Radar.Market;

/// <summary>
/// What is wrong, said twice. Whoever asks over HTTP gets <see cref="Public"/>, which has no name of a key, no text of an exception and
/// none of a server in it; the log has <see cref="Detailed"/>. It is no string, so that neither takes the place of the other by mistake.
/// </summary>
/// <param name="Public">For answers of every kind: problems, health, marks, results of commands.</param>
/// <param name="Detailed">For the log.</param>
public sealed record Explanation(string Public, string Detailed)
{
    /// <summary>A sentence of Radar's own, with nothing in it that is for the log only.</summary>
    public static Explanation Of(string sentence) => new(sentence, sentence);

    /// <summary>The same in a longer sentence.</summary>
    public Explanation Within(Func<string, string> sentence) => new(sentence(Public), sentence(Detailed));

    /// <summary>What may be seen by anybody.</summary>
    public override string ToString() => Public;
}
