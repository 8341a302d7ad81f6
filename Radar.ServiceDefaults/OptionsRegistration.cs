using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Radar.ServiceDefaults.Settings;

namespace Radar.ServiceDefaults;

/// <summary>Options that are bound strictly: a name that does not exist and a value that does not fit stop the start.</summary>
public static class OptionsRegistration
{
    /// <summary>
    /// Options that decide what is registered, read before anything is. Values that cannot be read are the defaults here:
    /// <see cref="AddCheckedOptions{TOptions}"/> reports at start what is wrong, together with all other faults, before anything runs.
    /// </summary>
    public static TOptions ReadEarly<TOptions>(this IConfiguration configuration, string section)
        where TOptions : class, new()
    {
        var options = new TOptions();
        try
        {
            configuration.GetSection(section).Bind(options);
            return options;
        }
        catch (InvalidOperationException)
        {
            return new TOptions();
        }
    }

    /// <summary>Binds <paramref name="section"/> and checks it at start with <typeparamref name="TValidator"/>.</summary>
    public static IServiceCollection AddCheckedOptions<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions> =>
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>().AddCheckedOptions<TOptions>(section);

    /// <summary>Binds <paramref name="section"/> and checks its names and values at start.</summary>
    internal static IServiceCollection AddCheckedOptions<TOptions>(this IServiceCollection services, string section)
        where TOptions : class
    {
        services.AddSingleton(new CheckedSection(section, typeof(TOptions)));
        services.AddOptions<TOptions>()
            .Configure<IConfiguration>((options, configuration) =>
            {
                var configured = configuration.GetSection(section);
                string[] faults = [.. SettingCheck.Faults(configured, typeof(TOptions))];
                if (faults.Length > 0)
                    throw new OptionsValidationException(section, typeof(TOptions), faults);
                try
                {
                    configured.Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
                }
                catch (InvalidOperationException e)
                {
                    throw new OptionsValidationException(section, typeof(TOptions), [$"{section}: {LogText.Of(e.Message)}"]);
                }
            })
            .ValidateOnStart();
        return services;
    }
}
