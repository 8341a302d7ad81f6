using Radar.Market;

namespace Radar.Api.Requests;

/// <summary>
/// Reads the parameters of a request. The first that is wrong is remembered; values read after it mean nothing. A parameter that does
/// not exist is wrong too: a misspelt <c>strat=</c> that is silently ignored gives wrong data to somebody.
/// </summary>
internal struct RequestReader
{
    private readonly IQueryCollection _query;

    /// <summary>Reads a request whose query string means nothing.</summary>
    public RequestReader(HttpRequest request) => _query = request.Query;

    /// <summary>Reads a request that takes the <paramref name="known"/> parameters.</summary>
    public RequestReader(HttpRequest request, ReadOnlySpan<QueryParameter> known)
    {
        _query = request.Query;
        foreach (var (name, values) in _query)
        {
            if (!IsKnown(name, known))
                Wrong(name, $"There is no parameter '{Shown(name)}' here. {Known(known)}");
            else if (values.Count > 1)
                Wrong(name, $"{name} is given {values.Count} times; once is enough.");
        }
    }

    /// <summary>The first parameter that is wrong, or null.</summary>
    public BadParameter? Error { get; private set; }

    /// <summary>Reads the symbol of a path; folded to upper case.</summary>
    public string Symbol(string routeValue)
    {
        // The server decodes a path, but leaves an encoded slash as it is, since it could mean two things. Here it means one.
        if (SymbolName.TryNormalize(routeValue.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase), out string symbol))
            return symbol;
        Wrong("symbol", $"'{Shown(routeValue)}' is not a symbol: 1–32 letters, digits and . _ - : / are.");
        return symbol;
    }

    public long? Integer(IntegerParameter parameter)
    {
        if (Text(parameter) is not { } text)
            return parameter.Default;
        if (parameter.TryParse(text, out long value))
            return value;
        Wrong(parameter, text, parameter.Expected);
        return null;
    }

    public long? Time(TimeParameter parameter)
    {
        if (Text(parameter) is not { } text)
            return null;
        if (TimeParameter.TryParse(text, out long unixMs))
            return unixMs;
        Wrong(parameter, text, TimeParameter.Expected);
        return null;
    }

    /// <summary>Reads <c>start</c> and <c>end</c>; all of time where they are not given.</summary>
    public (long StartMs, long EndMs) Times()
    {
        long startMs = Time(Parameters.Start) ?? 0;
        long endMs = Time(Parameters.End) ?? Rfc3339.UnixMsMax;
        if (startMs > endMs)
            Wrong(Parameters.Start.Name, "start is later than end.");
        return (startMs, endMs);
    }

    public string Choice(ChoiceParameter parameter)
    {
        if (Text(parameter) is not { } text)
            return parameter.Default;
        if (parameter.TryParse(text, out string? word))
            return word;
        Wrong(parameter, text, parameter.Expected);
        return parameter.Default;
    }

    /// <summary>Reads <c>page_token</c> for <paramref name="query"/>; null where none is given.</summary>
    public PageToken? PageToken(in PagedQuery query)
    {
        if (Error is not null || Text(Parameters.PageToken) is not { } text)
            return null;
        if (Requests.PageToken.TryParse(text, query, out PageToken token))
            return token;
        Wrong(
            Parameters.PageToken.Name,
            "page_token is not one that this query was given: pass next_page_token as it came, with the other parameters as they were.");
        return null;
    }

    public void Wrong(string parameter, string detail) => Error ??= new BadParameter(Shown(parameter), detail);

    private readonly string? Text(QueryParameter parameter) => _query.TryGetValue(parameter.Name, out var values) ? values[0] : null;

    private void Wrong(QueryParameter parameter, string text, string expected) =>
        Wrong(parameter.Name, $"{parameter.Name}={Shown(text)} is not {expected}.");

    private static bool IsKnown(string name, ReadOnlySpan<QueryParameter> known)
    {
        foreach (QueryParameter parameter in known)
        {
            if (string.Equals(parameter.Name, name, StringComparison.OrdinalIgnoreCase))
                return true;
        }

        return false;
    }

    private static string Known(ReadOnlySpan<QueryParameter> known)
    {
        if (known.IsEmpty)
            return "None are taken.";
        var names = new List<string>(known.Length);
        foreach (QueryParameter parameter in known)
            names.Add(parameter.Name);
        return "There are: " + string.Join(", ", names) + ".";
    }

    /// <summary>What others wrote, short enough to repeat.</summary>
    public static string Shown(string text) => text.Length <= 64 ? text : text[..64] + "…";
}

/// <summary>Which parameter is wrong, and what would be right.</summary>
internal sealed record BadParameter(string Name, string Detail);
