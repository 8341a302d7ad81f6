using System.ComponentModel;
using System.Reflection;
using Microsoft.Extensions.Configuration;

namespace Radar.ServiceDefaults.Settings;

/// <summary>Compares a section of the configuration with its options: names, and values of numbers and choices.</summary>
public static class SettingCheck
{
    /// <summary>One sentence for each name that does not exist, and each value that cannot be converted.</summary>
    /// <param name="section">As it is configured.</param>
    /// <param name="options">Type of the options.</param>
    public static IEnumerable<string> Faults(IConfigurationSection section, Type options) =>
        Faults(section, options, section.Path, options);

    /// <summary>Every setting of the options, by its whole name: <c>Producer:Replay:Speed</c>.</summary>
    /// <param name="section">Name of the section.</param>
    /// <param name="options">Type of the options.</param>
    public static IEnumerable<(string Name, PropertyInfo Property)> Names(string section, Type options) => Properties(options)
        .SelectMany(property => IsSection(property)
            ? Names($"{section}:{property.Name}", property.PropertyType)
            : [($"{section}:{property.Name}", property)]);

    /// <summary>Whether a setting has parts of any name: a list or a map.</summary>
    public static bool HasParts(PropertyInfo property) => property.PropertyType != typeof(string)
        && typeof(System.Collections.IEnumerable).IsAssignableFrom(property.PropertyType);

    private static IEnumerable<string> Faults(IConfigurationSection section, Type options, string root, Type rootOptions)
    {
        foreach (var child in section.GetChildren())
        {
            var property = Properties(options)
                .FirstOrDefault(property => string.Equals(property.Name, child.Key, StringComparison.OrdinalIgnoreCase));
            if (property is null)
            {
                yield return $"{section.Path}: there is no setting '{LogText.Of(child.Key)}'."
                    + Hint(child.Key, section.Path, options, root, rootOptions);
            }
            else if (IsSection(property))
            {
                foreach (string fault in Faults(child, property.PropertyType, root, rootOptions))
                    yield return fault;
            }
            else if (!HasParts(property))
            {
                foreach (var part in child.GetChildren())
                    yield return $"{child.Path}: there is no setting '{LogText.Of(part.Key)}'; {property.Name} has one value.";
                if (child.Value is { } value && ValueFault(value, property.PropertyType) is { } fault)
                    yield return $"{child.Path}: {fault}";
            }
        }
    }

    /// <summary>Names beside it, else names anywhere in the section.</summary>
    private static string Hint(string given, string path, Type options, string root, Type rootOptions)
    {
        var near = Spelling.Near(given, Properties(options).Select(property => property.Name));
        return near.Count > 0
            ? Spelling.Hint([.. near.Select(name => $"{path}:{name}")])
            : Spelling.Hint(Spelling.Near(given, Names(root, rootOptions).Select(setting => setting.Name), LastPart));
    }

    private static string LastPart(string name) => name[(name.LastIndexOf(':') + 1)..];

    /// <summary>Null, or why the value is none of its type. A text is quoted: secrets are texts, which every text is.</summary>
    internal static string? ValueFault(string value, Type declared)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(string) || (value.Length == 0 && type != declared))
            return null;
        if (type.IsEnum)
        {
            string[] names = Enum.GetNames(type); // the binder takes numbers too, of values that do not exist
            return names.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase)
                ? null
                : $"there is no '{LogText.Of(value)}'. {Choices(value, names.Select(name => name.ToLowerInvariant()))}";
        }

        try
        {
            TypeDescriptor.GetConverter(type).ConvertFromInvariantString(value);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException or NotSupportedException)
        {
            string shown = $"'{LogText.Of(value)}'";
            return type == typeof(bool)
                ? $"{shown} is neither true nor false."
                : $"{shown} is no {(IsWhole(type) ? "whole number that fits" : "number")}.";
        }
    }

    /// <summary><c>One of: a, b. Did you mean a?</c></summary>
    public static string Choices(string given, IEnumerable<string> known) =>
        $"One of: {string.Join(", ", known)}.{Spelling.Hint(given, known)}";

    private static bool IsWhole(Type type) => Type.GetTypeCode(type) is not (TypeCode.Double or TypeCode.Single or TypeCode.Decimal);

    /// <summary>What the binder sets, or fills.</summary>
    private static IEnumerable<PropertyInfo> Properties(Type options) => options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.SetMethod is { IsPublic: true } || IsSection(property) || HasParts(property));

    private static bool IsSection(PropertyInfo property) => property.PropertyType is { IsClass: true, Namespace: { } name }
        && name.StartsWith("Radar", StringComparison.Ordinal);
}
