using System.Net;

namespace Radar.Client;

/// <summary>
/// The API answered with an error, or with something that is no answer of a Radar API. What the API never answered is a plain
/// <see cref="HttpRequestException"/>, which this one is too: a handler of that catches both.
/// </summary>
public sealed class RadarApiException : HttpRequestException
{
    internal RadarApiException(HttpStatusCode status, string message, Exception? inner = null)
        : base(message, inner, status)
    {
    }

    /// <summary>
    /// HTTP status: 400 for a parameter that is wrong, 401 for a key or token that does not count, 403 for a scope or symbol that it is
    /// not for, 429 where there were too many requests, 503 where the API cannot answer now or not as fresh as was asked.
    /// </summary>
    public HttpStatusCode Status => StatusCode!.Value;

    /// <summary>The status in words, from the problem in the answer (RFC 9457); null where it has none.</summary>
    public string? Title { get; internal init; }

    /// <summary>What happened and what to do about it, from the answer; null where it has none.</summary>
    public string? Detail { get; internal init; }

    /// <summary>The parameter at fault by its name in the query string, or <c>symbol</c>; null where there is none.</summary>
    public string? Parameter { get; internal init; }

    /// <summary>It is the API itself that refuses the key or token, by its realm, and not a proxy before it.</summary>
    internal bool IsOfAccess { get; init; }

    /// <summary>How long the API asks to wait before the next attempt; null where it does not.</summary>
    public TimeSpan? RetryAfter { get; internal init; }
}
