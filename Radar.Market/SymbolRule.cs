namespace Radar.Market;

/// <summary>What becomes of the case of symbols; setting <c>Producer:SymbolCase</c>.</summary>
public enum SymbolCase
{
    /// <summary>Symbols are upper-cased: <c>kPEPE</c> and <c>KPEPE</c> are one.</summary>
    Upper,

    /// <summary>Symbols stay as their source spells them: <c>kPEPE</c> and <c>KPEPE</c> are two.</summary>
    Keep,
}

/// <summary>
/// How a service reads symbols, from sources, records and requests: everything that depends on <see cref="SymbolCase"/>. All services of
/// a topic and its state have the same.
/// </summary>
public sealed class SymbolRule
{
    /// <summary>Configuration key, which every service reads.</summary>
    public const string Setting = "Producer:SymbolCase";

    /// <summary>In the settings that a state was built with; without it, its symbols are upper-cased.</summary>
    private const string OfState = "case=keep";

    private SymbolRule(bool keepsCase) => KeepsCase = keepsCase;

    /// <summary><see cref="SymbolCase.Upper"/>.</summary>
    public static SymbolRule Upper { get; } = new(keepsCase: false);

    /// <summary><see cref="SymbolCase.Keep"/>.</summary>
    public static SymbolRule Keep { get; } = new(keepsCase: true);

    /// <summary>Whether case counts.</summary>
    public bool KeepsCase { get; }

    /// <summary>Under which two spellings of one symbol are equal.</summary>
    public StringComparer Comparer => KeepsCase ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;

    /// <summary>What is added to the settings of a state that is built by it, see <see cref="Store.PartitionPosition.Settings"/>.</summary>
    public string StateSuffix => KeepsCase ? " " + OfState : "";

    /// <summary>The rule of a setting.</summary>
    public static SymbolRule Of(SymbolCase symbolCase) => symbolCase == SymbolCase.Keep ? Keep : Upper;

    /// <summary>Whether case counts in a state.</summary>
    /// <param name="settings">That it was built with; null where an older Radar wrote it.</param>
    public static bool IsKeptBy(string? settings) => settings is not null && settings.Contains(OfState, StringComparison.Ordinal);

    /// <summary>Reads a symbol; <paramref name="symbol"/> is how it is spelled here, empty where it is none.</summary>
    public bool TryNormalize(ReadOnlySpan<byte> utf8, out string symbol) => SymbolName.TryRead(utf8, KeepsCase, out symbol);

    /// <inheritdoc cref="TryNormalize(ReadOnlySpan{byte}, out string)"/>
    public bool TryNormalize(string? text, out string symbol) => SymbolName.TryRead(text, KeepsCase, out symbol);
}
