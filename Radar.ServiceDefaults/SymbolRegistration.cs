using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.ServiceDefaults.Settings;

namespace Radar.ServiceDefaults;

/// <summary>
/// Registers <see cref="SymbolRule"/> from <see cref="SymbolRule.Setting"/>. The setting is in the producer's section, which other
/// services bind to nothing: they read this one key of it.
/// </summary>
internal static class SymbolRegistration
{
    public static void AddSymbolRule(this IServiceCollection services)
    {
        services.AddOptions<Setting>().Configure<IConfiguration>(static (setting, configuration) => setting.Read(configuration))
            .ValidateOnStart();
        services.AddSingleton<IValidateOptions<Setting>, SettingRules>();
        services.TryAddSingleton(static services => SymbolRule.Of(services.GetRequiredService<IOptions<Setting>>().Value.Case));
    }

    /// <summary>The setting, as options that are checked at start.</summary>
    private sealed class Setting
    {
        public SymbolCase Case { get; private set; }

        public void Read(IConfiguration configuration)
        {
            if (configuration[SymbolRule.Setting] is not { } text)
                return;
            if (SettingCheck.ValueFault(text, typeof(SymbolCase)) is { } fault)
                throw new OptionsValidationException(SymbolRule.Setting, typeof(Setting), [$"{SymbolRule.Setting}: {fault}"]);
            Case = Enum.Parse<SymbolCase>(text, ignoreCase: true);
        }
    }

    private sealed class SettingRules(IOptions<KafkaOptions> kafka) : IValidateOptions<Setting>
    {
        public ValidateOptionsResult Validate(string? name, Setting setting) =>
            setting.Case == SymbolCase.Keep && Topic() == KafkaOptions.DefaultTopic
                ? ValidateOptionsResult.Fail(
                    $"{SymbolRule.Setting}=keep needs a topic of its own, since symbols in {KafkaOptions.DefaultTopic} are upper-cased for "
                        + "all that share it: set Kafka:Topic to another name (--topic of Standalone), in every service of the topic.")
                : ValidateOptionsResult.Success;

        private string? Topic()
        {
            try
            {
                return kafka.Value.Topic;
            }
            catch (OptionsValidationException)
            {
                return null; // reported with its own section
            }
        }
    }
}
