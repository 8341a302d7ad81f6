using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Producer.Live;
using Radar.Producer.Mapping;
using Radar.Producer.Replay;
using Radar.ServiceDefaults.Settings;

namespace Radar.Producer;

/// <summary>Rules across fields of <see cref="ProducerOptions"/>.</summary>
internal sealed class ProducerOptionsRules : IValidateOptions<ProducerOptions>
{
    public ValidateOptionsResult Validate(string? name, ProducerOptions options)
    {
        var failures = new List<string>();
        if (!SymbolFormat.TryCreate(options.SymbolFormat, SymbolRule.Of(options.SymbolCase), out _))
        {
            failures.Add(
                "Producer:SymbolFormat must contain {symbol}, may contain {venue}, and otherwise only letters, digits and "
                + string.Join(' ', SymbolName.Punctuation.AsEnumerable()) + ".");
        }

        if (!SourceNames.All.Contains(options.Source))
        {
            failures.Add($"Producer:Source: there is no source '{options.Source}'. "
                + SettingCheck.Choices(options.Source, SourceNames.All));
        }

        if (options.Source == SourceNames.Replay && options.Replay.Paths.All(string.IsNullOrWhiteSpace))
            failures.Add("Producer:Replay:Paths is empty: name a file, a folder or a glob, or choose another Producer:Source.");
        if (options.Replay.Symbol is { } symbol && !options.Replay.SymbolRule.TryNormalize(symbol, out _))
            failures.Add($"Producer:Replay:Symbol: '{symbol}' is not a symbol ({SymbolName.Rule}).");

        CheckReplay(options.Replay, failures);
        var synthetic = options.Synthetic;
        if (synthetic.SymbolCount > 0 && synthetic.Symbols.Count > 0)
            failures.Add("Producer:Synthetic: give either Symbols or SymbolCount, not both.");
        foreach (string text in synthetic.Symbols.Where(text => !synthetic.SymbolRule.TryNormalize(text, out _)))
            failures.Add($"Producer:Synthetic:Symbols: '{text}' is not a symbol ({SymbolName.Rule}).");
        foreach (var twice in synthetic.Symbols.GroupBy(text => text, synthetic.SymbolRule.Comparer).Where(group => group.Count() > 1))
            failures.Add($"Producer:Synthetic:Symbols: '{twice.Key}' is there twice.");
        if (synthetic.Rate is > 0 and < 0.001)
            failures.Add("Producer:Synthetic:Rate is less than 0.001 ticks/s; 0 is as fast as possible.");
        failures.AddRange(LiveOptionsRules.Failures(options));
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static void CheckReplay(ReplayOptions replay, List<string> failures)
    {
        failures.AddRange(JsonRecognition.Faults(replay));
        if (!string.IsNullOrEmpty(replay.Preset) && Presets.Named(replay.Preset).Count == 0)
        {
            failures.Add($"Producer:Replay:Preset: there is no known format '{replay.Preset}'. "
                + SettingCheck.Choices(replay.Preset, Presets.Names.Split(", ")));
        }

        if (string.IsNullOrEmpty(replay.SymbolPattern))
            return;
        try
        {
            _ = Presets.SymbolIn("", replay.SymbolPattern);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            failures.Add($"Producer:Replay:SymbolPattern: '{replay.SymbolPattern}' is no regular expression without look-around and "
                + $"back-references ({e.Message}).");
        }
    }
}
