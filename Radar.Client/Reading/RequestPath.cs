using System.Globalization;
using System.Text;

namespace Radar.Client;

/// <summary>Path and query of a request, relative to the API's address. What is null is left out.</summary>
internal sealed class RequestPath(string path)
{
    private readonly StringBuilder _text = new(path);
    private char _separator = '?';

    /// <summary>A path that ends with a symbol.</summary>
    public static RequestPath Of(string path, string symbol)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(symbol);
        return new RequestPath(path + Uri.EscapeDataString(symbol));
    }

    public RequestPath With(string name, string? value) => value is null ? this : Append(name, Uri.EscapeDataString(value));

    public RequestPath With(string name, int? value) => With(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>A list; an empty one asks for nothing and is a mistake, since the API would take its absence for everything.</summary>
    public RequestPath With(string name, IEnumerable<string>? values)
    {
        if (values is null)
            return this;
        // commas as they are: servers and proxies limit the request line
        string list = string.Join(',', values.Select(Uri.EscapeDataString));
        ArgumentException.ThrowIfNullOrWhiteSpace(list, name);
        return Append(name, list);
    }

    /// <summary>The last millisecond that is not after <paramref name="time"/>: event times are whole ones.</summary>
    public RequestPath WithUpTo(string name, DateTimeOffset? time) =>
        time is { } last ? With(name, Text(Known(last.ToUnixTimeMilliseconds()))) : this;

    /// <summary>The first millisecond that is not before <paramref name="time"/>.</summary>
    public RequestPath WithFrom(string name, DateTimeOffset? time)
    {
        if (time is not { } first)
            return this;
        long unixMs = first.ToUnixTimeMilliseconds();
        return With(name, Text(Known(first.UtcTicks % TimeSpan.TicksPerMillisecond == 0 ? unixMs : unixMs + 1)));
    }

    public RequestPath WithMaxStaleness(TimeSpan? value) => With("max_staleness_ms", Text((long?)value?.TotalMilliseconds));

    public Uri Under(Uri baseAddress) => new(baseAddress, _text.ToString());

    private RequestPath Append(string name, string escaped)
    {
        _text.Append(_separator).Append(name).Append('=').Append(escaped);
        _separator = '&';
        return this;
    }

    /// <summary>Events are of 1970 to 9999, and the API takes no other times; one outside means the first or the last.</summary>
    private static long Known(long unixMs) => Math.Clamp(unixMs, 0, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
