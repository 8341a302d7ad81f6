using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Radar.ServiceDefaults;

/// <summary>Options that are bound strictly: a name that does not exist and a value that does not fit stop the start.</summary>
public static class OptionsRegistration
{
    /// <summary>Binds <paramref name="section"/> and checks it at start with <typeparamref name="TValidator"/>.</summary>
    public static IServiceCollection AddCheckedOptions<TOptions, TValidator>(this IServiceCollection services, string section)
        where TOptions : class
        where TValidator : class, IValidateOptions<TOptions>
    {
        services.AddSingleton<IValidateOptions<TOptions>, TValidator>();
        services.AddOptions<TOptions>()
            .Configure<IConfiguration>((options, configuration) =>
            {
                try
                {
                    configuration.GetSection(section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
                }
                catch (InvalidOperationException e)
                {
                    throw new OptionsValidationException(section, typeof(TOptions), [$"{section}: {e.Message}{Choices(e)}"]);
                }
            })
            .ValidateOnStart();
        return services;

        static string Choices(InvalidOperationException e)
        {
            var type = typeof(TOptions).Assembly.GetTypes()
                .FirstOrDefault(type => type.IsEnum && e.Message.Contains(type.FullName!, StringComparison.Ordinal));
            return type is null ? "" : $" One of: {string.Join(", ", Enum.GetNames(type)).ToLowerInvariant()}.";
        }
    }
}
