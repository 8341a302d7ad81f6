using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Radar.ServiceDefaults;

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
    public static Option<string> Text(
        string name, string helpName, string description, Func<string, string?>? check = null, bool isSecret = false)
    {
        var option = new Option<string>(name) { HelpName = helpName, Description = description };
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

    public static Option<T?> Number<T>(string name, string description, T least, T most)
        where T : struct, INumber<T> => new(name)
    {
        HelpName = "N",
        Description = description,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out T number) && number >= least && number <= most)
                return number;
            result.AddError(string.Create(
                CultureInfo.InvariantCulture,
                $"{name} {text}: takes a {(T.IsInteger(least + T.One / (T.One + T.One)) ? "whole " : "")}number from {least} to {most}."));
            return null;
        },
    };

    public static Func<string, string?> OneOf(params string[] values) =>
        value => values.Contains(value, StringComparer.Ordinal) ? null : $"takes one of {string.Join(", ", values)}.";

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

            return "takes an address like http://127.0.0.1:8000; for https put a proxy before it.";
        }

        return null;
    }

    public static string? Brokers(string value)
    {
        try
        {
            return KafkaConnectionString.Check(value).Split(',').All(server => server.Contains(':', StringComparison.Ordinal))
                ? null
                : "takes host:port, several separated by commas, such as localhost:9092.";
        }
        catch (FormatException e)
        {
            return $"takes host:port, several separated by commas, such as localhost:9092: {e.Message}";
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
        Topic().IsMatch(value) ? null : "a topic's name has 1 to 245 of letters, digits, '.', '_' and '-'.";

    [GeneratedRegex("^[A-Za-z0-9._-]{1,245}$")]
    private static partial Regex Topic();
}
