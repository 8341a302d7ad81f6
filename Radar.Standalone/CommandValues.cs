using System.CommandLine;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Radar.Standalone;

/// <summary>Options with checks whose messages say what would be right. A check returns null, or that message.</summary>
internal static partial class CommandValues
{
    private const int PortMax = 65_535;

    public static Option<string> Text(string name, string helpName, string description, Func<string, string?>? check = null)
    {
        var option = new Option<string>(name) { HelpName = helpName, Description = description };
        option.Validators.Add(result =>
        {
            string value = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (string.IsNullOrWhiteSpace(value))
                result.AddError($"{name} needs a value.");
            else if (check?.Invoke(value) is { } fault)
                result.AddError($"{name} {value}: {fault}");
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
                CultureInfo.InvariantCulture, $"{name} {text}: takes a {(T.IsInteger(least + T.One / (T.One + T.One)) ? "whole " : "")}number from {least} to {most}."));
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
                // Said below.
            }

            return "takes an address like http://127.0.0.1:8000; for https put a proxy before it.";
        }

        return null;
    }

    public static string? HostPorts(string value) =>
        value.Split(',').All(IsHostPort) ? null : "takes host:port, several separated by commas, such as localhost:9092.";

    public static string? HostPort(string value) =>
        IsHostPort(value.Split(',')[0]) ? null : "takes host:port, such as localhost:6379.";

    public static string? TopicName(string value) =>
        Topic().IsMatch(value) ? null : "a topic's name has 1 to 245 of letters, digits, '.', '_' and '-'.";

    private static bool IsHostPort(string value)
    {
        int colon = value.LastIndexOf(':');
        return colon > 0
            && int.TryParse(value.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port is >= 1 and <= PortMax;
    }

    [GeneratedRegex("^[A-Za-z0-9._-]{1,245}$")]
    private static partial Regex Topic();
}
