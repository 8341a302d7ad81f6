using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Settings;

namespace Radar.Standalone;

/// <summary>Options with checks whose messages name the accepted values. A check returns null, or that message.</summary>
internal static partial class CommandValues
{
    private const int PortMax = 65_535;

    /// <summary>An option that takes text.</summary>
    /// <param name="name">With its dashes.</param>
    /// <param name="helpName">What the value is called in the help.</param>
    /// <param name="description">A sentence.</param>
    /// <param name="check">Returns null, or what would be right.</param>
    /// <param name="isSecret">The value may have a password, and is not repeated.</param>
    /// <param name="choices">The accepted values; null takes those that <paramref name="check"/> does.</param>
    /// <param name="shape">What <paramref name="check"/> accepts at most, for radar.cs; null is everything.</param>
    public static TextOption Text(
        string name, string helpName, string description, Func<string, string?>? check = null, bool isSecret = false,
        IReadOnlyList<string>? choices = null, ValueShape? shape = null)
    {
        var option = new TextOption(name)
        {
            HelpName = helpName, Description = description, Choices = choices, Shape = shape, IsSecret = isSecret,
        };
        if (choices is not null)
            check = value => choices.Contains(value, StringComparer.Ordinal) ? null : $"takes one of {string.Join(", ", choices)}."
                + Spelling.Hint(value, choices);
        option.Validators.Add(result =>
        {
            string value = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (string.IsNullOrWhiteSpace(value))
                result.AddError($"{name} needs a value.");
            else if (check?.Invoke(value) is { } fault)
                result.AddError(isSecret ? $"{name} {fault}" : $"{name} {value}: {fault}");
        });
        return option;
    }

    public static NumberOption<T> Number<T>(string name, string description, T least, T most)
        where T : struct, INumber<T>
    {
        bool isWhole = T.IsZero(T.One / (T.One + T.One)); // a half of whole numbers is 0
        return new(name)
        {
            HelpName = "N",
            Description = description,
            Range = (double.CreateChecked(least), double.CreateChecked(most)),
            IsWhole = isWhole,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T number) && number >= least && number <= most)
                    return number;
                result.AddError(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} {text}: takes a {(isWhole ? "whole " : "")}number from {least} to {most}."));
                return null;
            },
        };
    }

    /// <summary>What <see cref="Url"/> says, where it says anything.</summary>
    public const string UrlRule = "takes an address like http://127.0.0.1:8000; for https put a proxy before it.";

    /// <summary>What <see cref="Brokers"/> says, or begins with.</summary>
    public const string BrokersRule = "takes host:port, several separated by commas, such as localhost:9092";

    /// <summary>What <see cref="TopicName"/> says.</summary>
    public const string TopicRule = "a topic's name has 1 to 245 of letters, digits, '.', '_' and '-'.";

    /// <summary>A topic's name, as a regular expression.</summary>
    public const string TopicPattern = "^[A-Za-z0-9._-]{1,245}$";

    public static string? Url(string value)
    {
        foreach (string url in value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                var address = BindingAddress.Parse(url);
                if (address.Scheme == "http" && address.Port is >= 0 and <= PortMax)
                    continue;
            }
            catch (FormatException)
            {
                // Reported below.
            }

            return UrlRule;
        }

        return null;
    }

    public static string? Brokers(string value)
    {
        try
        {
            return KafkaConnectionString.Check(value).Split(',').All(server => server.Contains(':', StringComparison.Ordinal))
                ? null
                : BrokersRule + ".";
        }
        catch (FormatException e)
        {
            return $"{BrokersRule}: {e.Message}";
        }
    }

    public static string? RedisServer(string value)
    {
        try
        {
            RedisConnectionString.Parse(value);
            return null;
        }
        catch (FormatException e)
        {
            return $"takes host:port, such as localhost:6379, or a redis:// URL: {e.Message}";
        }
    }

    public static string? TopicName(string value) =>
        Topic().IsMatch(value) ? null : TopicRule;

    [GeneratedRegex(TopicPattern)]
    private static partial Regex Topic();
}

/// <summary>An option whose value is a text.</summary>
internal sealed class TextOption(string name) : Option<string>(name)
{
    /// <summary>The accepted values; null accepts others, too.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>What the value looks like; null is everything.</summary>
    public ValueShape? Shape { get; init; }

    /// <summary>Whether the value is never repeated.</summary>
    public bool IsSecret { get; init; }
}

/// <summary>What a value looks like.</summary>
/// <param name="Pattern">A regular expression.</param>
/// <param name="Rule">The same for people.</param>
internal sealed record ValueShape(string Pattern, string Rule);

/// <summary>An option whose value is a number.</summary>
internal sealed class NumberOption<T>(string name) : Option<T?>(name), INumberOption
    where T : struct
{
    /// <inheritdoc/>
    public (double Least, double Most) Range { get; init; }

    /// <inheritdoc/>
    public bool IsWhole { get; init; }
}

/// <summary>What a number may be.</summary>
internal interface INumberOption
{
    /// <summary>Both are accepted.</summary>
    (double Least, double Most) Range { get; }

    /// <summary>Whether decimals are not.</summary>
    bool IsWhole { get; }
}
