using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Producer.Replay;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Settings;

namespace Radar.Producer.Look;

/// <summary>
/// <c>look FILE…</c>: shows how recordings would be read, without Kafka: their format, what each field is taken from, the first ticks,
/// and what is left out and why. Settings are those of the replay: <c>--Producer:Replay:Preset=databento</c>.
/// </summary>
internal static class LookCommand
{
    /// <summary>Exit code where nothing of any file would be read.</summary>
    public const int NothingToRead = 1;

    /// <summary>Bytes of each file, decompressed, that are looked into.</summary>
    private const long LookBytesMax = 8 << 20;

    private const int TicksShown = 5;

    /// <summary>Runs the command.</summary>
    /// <param name="args">Files, folders, globs and settings.</param>
    /// <param name="output">Where it is shown.</param>
    /// <returns>0 where something would be read, otherwise <see cref="NothingToRead"/>.</returns>
    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    /// <exception cref="ConfigurationException">A file is not there or cannot be read.</exception>
    public static int Run(string[] args, TextWriter output)
    {
        output = new EscapedOutput(output);
        var read = SettingArguments.Of(args, static _ => false);
        string[] paths = [.. read.Others.Where(argument => !argument.StartsWith("--", StringComparison.Ordinal))];
        if (read.Faults.Count > 0 || paths.Length < read.Others.Count)
        {
            throw new OptionsValidationException("", typeof(ProducerOptions), read.Faults.Concat(read.Others.Except(paths)
                .Select(option => $"{LogText.Of(option)}: look has no such option; settings are --Producer:Replay:Name=value.")));
        }

        if (paths.Length == 0)
            throw new ConfigurationException("look FILE…: name a file, a folder or a glob, such as: look trades.csv.gz");
        var options = Options(paths, [.. read.Settings]);
        var spellings = new SymbolSpellings();
        var format = new ReplayFormat(options.Replay, () => Symbols(options, spellings));
        bool reads = false;
        foreach (var input in ReplayPaths.Inputs(options.Replay.Paths))
        {
            output.WriteLine(input.Name);
            if (format.Recognise(input, CancellationToken.None, out string fault) is { } found)
                reads |= Show(input, found, output);
            else
                output.WriteLine($"  left out    {fault}");
            output.WriteLine();
        }

        output.WriteLine(reads ? "Something of this would be read: --Producer:Source=replay with the same settings."
            : "Nothing of this would be read.");
        return reads ? 0 : NothingToRead;
    }

    private static ProducerOptions Options(string[] paths, string[] settings)
    {
        var fixedSettings = paths.Select((path, index) => new KeyValuePair<string, string?>($"Producer:Replay:Paths:{index}", path))
            .Append(new("Producer:Source", SourceNames.Replay));
        IConfiguration configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(settings)
            .AddInMemoryCollection(fixedSettings).Build();
        using var services = new ServiceCollection().AddSingleton(configuration)
            .AddCheckedOptions<ProducerOptions, ProducerOptionsValidator>(ProducerOptions.Section)
            .AddSingleton<IValidateOptions<ProducerOptions>, ProducerOptionsRules>()
            .AddAllowedPrices()
            .BuildServiceProvider();
        return services.GetRequiredService<IOptions<ProducerOptions>>().Value;
    }

    private static SymbolFormat Symbols(ProducerOptions options, SymbolSpellings spellings) =>
        SymbolFormat.TryCreate(options.SymbolFormat, SymbolRule.Of(options.SymbolCase), out var format, spellings)
            ? format
            : throw new InvalidOperationException("Producer:SymbolFormat was checked before.");

    private static bool Show(ReplayInput input, RecognisedFormat found, TextWriter output)
    {
        var description = found.Description;
        output.WriteLine($"  format      {description.Format}");
        foreach (var (name, source) in description.Fields)
            output.WriteLine($"  {name,-11} {source}");
        if (description.Fields.Count > 0)
            output.WriteLine($"  not read    {description.UnreadLine}");
        foreach (string warning in description.Warnings)
            output.WriteLine($"  warning     {warning}");

        var report = new ReplayReport(input.Name, null, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        using var reader = found.Open(new LineReader(input.Open(), LookBytesMax), report);
        while (reader.TryRead(out var tick, CancellationToken.None))
        {
            if (report.Ticks <= TicksShown)
                output.WriteLine($"  tick        {TickLine.Of(tick)}");
        }

        output.WriteLine($"  ticks       {report.Ticks} in the first {LookBytesMax >> 20} MB");
        ShowLeftOut(report, output);
        return report.Ticks > 0;
    }

    private static void ShowLeftOut(ReplayReport report, TextWriter output)
    {
        if (report.Skipped > 0)
            output.WriteLine($"  left out    {report.Skipped} lines that are no trades");
        if (report.Corrections > 0)
        {
            output.WriteLine($"  left out    {report.Corrections} corrections or cancels, the first in line {report.FirstCorrectionLine} "
                + "(Producer:Replay:Corrections)");
        }

        if (report.Foreign > 0)
        {
            output.WriteLine($"  left out    {report.Foreign} messages of no venue that Radar reads, the first in line "
                + $"{report.FirstForeignLine}");
        }

        if (report.Broken > 0)
            output.WriteLine($"  left out    {report.Broken} lines that cannot be read, such as");
        foreach (var (line, reason) in report.FirstBroken)
            output.WriteLine($"              line {line}: {reason}");
    }
}
