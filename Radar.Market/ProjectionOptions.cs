using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Microsoft.Extensions.Options;

namespace Radar.Market;

/// <summary>What is kept per symbol; section <c>Projection</c>. All consumers of one epoch must agree.</summary>
public sealed class ProjectionOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Projection";

    /// <summary>Newest trades kept per symbol.</summary>
    [Range(1, 10_000)]
    public int TradesRetained { get; set; } = 1000;

    /// <summary>
    /// Symbols that are taken; each partition has an equal share. A new one past its partition's share goes to the dead letters.
    /// </summary>
    [Range(1, 100_000_000)]
    public int SymbolsMax { get; set; } = 200_000;

    /// <summary>Days of one-minute bars kept, counted back from the symbol's newest event.</summary>
    [Range(1, 3_650)]
    public int Days1Min { get; set; } = 7;

    /// <summary>Days of five-minute bars kept.</summary>
    [Range(1, 3_650)]
    public int Days5Min { get; set; } = 30;

    /// <summary>Days of fifteen-minute bars kept.</summary>
    [Range(1, 3_650)]
    public int Days15Min { get; set; } = 90;

    /// <summary>Days of hourly bars kept.</summary>
    [Range(1, 36_500)]
    public int Days1Hour { get; set; } = 365;

    /// <summary>Days of daily bars kept; at least 2, since the previous close comes from them.</summary>
    [Range(2, 36_500)]
    public int Days1Day { get; set; } = 3_650;

    /// <summary>
    /// Those on which the state depends, as they are stored beside a position: <c>trades=1000 days=7,30,90,365,3650</c>. A limit of symbols
    /// may be raised under a state.
    /// </summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"trades={TradesRetained} days={Days1Min},{Days5Min},{Days15Min},{Days1Hour},{Days1Day}");

    /// <summary>Retention of each timeframe in ms, by <see cref="Timeframe.Index"/>.</summary>
    internal long[] RetentionMs() =>
        [.. new[] { Days1Min, Days5Min, Days15Min, Days1Hour, Days1Day }.Select(days => days * Timeframe.Day.LengthMs)];
}

/// <summary>Checks <see cref="ProjectionOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class ProjectionOptionsValidator : IValidateOptions<ProjectionOptions>;
