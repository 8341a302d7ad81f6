using System.Collections.Immutable;
using Radar.Market;

namespace Radar.Api.Http.Requests;

/// <summary>
/// Reads the parameters of a request. The first that is wrong is remembered; values read after it mean nothing. A parameter that does
/// not exist is wrong too: a misspelt <c>strat=</c> that is silently ignored gives wrong data.
/// </summary>
internal struct RequestReader
{
    private readonly IQueryCollection _query;

    /// <summary>Reads a request whose query string means nothing.</summary>
    public RequestReader(HttpRequest request) => _query = request.Query;

    /// <summary>Reads a request that takes the <paramref name="known"/> parameters.</summary>
    public RequestReader(HttpRequest request, ReadOnlySpan<QueryParameter> known)
    {
        _query = request.QueryString.HasValue ? request.Query : QueryCollection.Empty;
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

    /// <summary>Reads the symbol of a path, normalized.</summary>
    public string Symbol(string routeValue, SymbolRule rule)
    {
        // The server decodes a path, but leaves an encoded slash as it is, since it could mean two things. Here it means one.
        if (rule.TryNormalize(routeValue.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase), out string symbol))
            return symbol;
        Wrong("symbol", $"'{Shown(routeValue)}' is not a symbol: {SymbolName.Rule} are.");
        return symbol;
    }

    /// <summary>Reads a list of symbols, in ordinal order; null where none is given.</summary>
    public ImmutableArray<string>? Symbols(SymbolsParameter parameter, SymbolRule rule)
    {
        if (Text(parameter) is not { } text)
        {
            if (parameter.Required)
                Wrong(parameter.Name, $"{parameter.Name} is missing: 1–{parameter.Max} symbols, separated by commas.");
            return null;
        }

        if (parameter.TryParse(text, rule, out var symbols, out string wrong))
            return symbols;
        Wrong(
            parameter.Name,
            wrong.Length == 0
                ? $"{parameter.Name} has more than {parameter.Max} symbols."
                : $"{parameter.Name}: {Shown(wrong)} is not a symbol: {SymbolName.Rule} are, separated by commas.");
        return null;
    }

    /// <summary>Reads the first letters of a symbol, normalized; empty where none are given.</summary>
    public string Prefix(PrefixParameter parameter, SymbolRule rule)
    {
        if (Text(parameter) is not { } text)
            return "";
        if (!rule.TryNormalize(text, out string prefix))
            Wrong(parameter, text, PrefixParameter.Expected);
        return prefix;
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

    /// <summary>Reads <c>start</c>, <c>end</c> and <c>as_of</c>, which caps <c>end</c>.</summary>
    public (long StartMs, long EndMs, long? AsOfMs) TimesAsOf()
    {
        var (startMs, endMs) = Times();
        long? asOfMs = Time(Parameters.AsOf);
        if (startMs > asOfMs)
            Wrong(Parameters.Start.Name, "start is later than as_of.");
        return (startMs, Math.Min(endMs, asOfMs ?? Rfc3339.UnixMsMax), asOfMs);
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
        WrongPageToken();
        return null;
    }

    /// <summary>
    /// Reads <c>page_token</c> of a list of symbols: the symbol that the page before ended with; null where none is given.
    /// </summary>
    public string? PageToken(in SymbolQuery query)
    {
        if (Error is not null || Text(Parameters.PageToken) is not { } text)
            return null;
        if (SymbolPageToken.TryParse(text, query, out string last))
            return last;
        WrongPageToken();
        return null;
    }

    /// <summary>Reads where a page of dead letters begins, per partition; null where that is not given.</summary>
    public ImmutableArray<long>? DeadLetterPageToken(OpaqueParameter parameter)
    {
        if (Error is not null || Text(parameter) is not { } text)
            return null;
        if (Requests.DeadLetterPageToken.TryParse(text, out var before))
            return before;
        WrongPageToken();
        return null;
    }

    public void Wrong(string parameter, string detail) => Error ??= new BadParameter(Shown(parameter), detail);

    private void WrongPageToken() => Wrong(
        Parameters.PageToken.Name,
        "page_token is not one that this query was given: pass next_page_token as it came, with the other parameters as they were.");

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

    /// <summary>What a client wrote, short enough to repeat.</summary>
    public static string Shown(string text) => text.Length <= 64 ? text : text[..64] + "…";
}

/// <summary>Which parameter is wrong, and what would be right.</summary>
internal sealed record BadParameter(string Name, string Detail);
