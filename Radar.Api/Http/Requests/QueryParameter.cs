using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Radar.Market;

namespace Radar.Api.Http.Requests;

/// <summary>
/// One parameter of a query string: how it is read, and what the API's document has about it: in one place, so that both agree.
/// </summary>
/// <param name="Name">As in the query string.</param>
/// <param name="Description">A sentence for people.</param>
/// <param name="Example">A value that works.</param>
internal abstract record QueryParameter(string Name, string Description, string Example)
{
    /// <summary>It has to be given.</summary>
    public bool Required { get; init; }
}

/// <summary>A whole number.</summary>
internal sealed record IntegerParameter(string Name, string Description, string Example, long Min, long Max, long? Default)
    : QueryParameter(Name, Description, Example)
{
    public string Expected => string.Create(CultureInfo.InvariantCulture, $"a whole number from {Min} to {Max}");

    public bool TryParse(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= Min && value <= Max;
}

/// <summary>A point in time.</summary>
internal sealed record TimeParameter(string Name, string Description, string Example) : QueryParameter(Name, Description, Example)
{
    public const string Expected =
        "a time in RFC 3339, as in 2024-08-08T23:54:15.342Z (a + is written %2B in a URL), or Unix seconds, ms, µs or ns";

    public static bool TryParse(string text, out long unixMs) => Rfc3339.TryParse(text, out unixMs);
}

/// <summary>One of a few words, in any case; or a short form of one, whose case counts.</summary>
/// <param name="Name">As in the query string.</param>
/// <param name="Description">A sentence for people.</param>
/// <param name="Choices">The words, the first of which is the default.</param>
internal sealed record ChoiceParameter(string Name, string Description, params Choice[] Choices)
    : QueryParameter(Name, Description, Choices[0].Word)
{
    public string Expected => "one of " + string.Join(", ", Choices.Select(choice => choice.Word));

    /// <summary>What is taken where nothing is given: the first.</summary>
    public string Default => Choices[0].Word;

    public bool TryParse(string text, [NotNullWhen(true)] out string? word)
    {
        word = Array.Find(
            Choices, choice => string.Equals(text, choice.Word, StringComparison.OrdinalIgnoreCase) || choice.Aliases.Contains(text))?.Word;
        return word is not null;
    }
}

/// <summary>A word that a <see cref="ChoiceParameter"/> takes.</summary>
/// <param name="Word">As answers and messages have it.</param>
/// <param name="Aliases">What else is understood for it.</param>
internal sealed record Choice(string Word, params string[] Aliases);

/// <summary>Symbols, separated by commas.</summary>
/// <param name="Name">As in the query string.</param>
/// <param name="Description">A sentence for people.</param>
/// <param name="Example">A value that works.</param>
/// <param name="Max">Most symbols; 100 of the longest fit into a request line.</param>
internal sealed record SymbolsParameter(string Name, string Description, string Example, int Max)
    : QueryParameter(Name, Description, Example)
{
    /// <summary>Reads them in ordinal order, each once. A <paramref name="wrong"/> one is named; empty where there are too many.</summary>
    public bool TryParse(string text, SymbolRule rule, out ImmutableArray<string> symbols, out string wrong)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        symbols = [];
        wrong = "";
        foreach (string part in text.Split(','))
        {
            if (!rule.TryNormalize(part, out string symbol))
            {
                wrong = $"'{part}'";
                return false;
            }

            found.Add(symbol);
            if (found.Count > Max)
                return false;
        }

        symbols = [.. found];
        return true;
    }
}

/// <summary>The first letters of a symbol.</summary>
internal sealed record PrefixParameter(string Name, string Description, string Example) : QueryParameter(Name, Description, Example)
{
    public const string Expected = SymbolName.Rule;
}

/// <summary>A text that means something to Radar only.</summary>
internal sealed record OpaqueParameter(string Name, string Description, string Example) : QueryParameter(Name, Description, Example);
