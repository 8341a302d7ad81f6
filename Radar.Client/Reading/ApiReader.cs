using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Radar.Client;

/// <summary>Sends requests and reads answers; everything that can be wrong with either is decided here.</summary>
/// <param name="http">Gives a client for one request.</param>
/// <param name="credentials">Says who asks.</param>
/// <param name="time">For a <c>Retry-After</c> that is a date.</param>
internal sealed class ApiReader(Func<HttpClient> http, Credentials credentials, TimeProvider time)
{
    /// <summary>What the API's own <c>WWW-Authenticate</c> has, and no other's.</summary>
    private const string Realm = "realm=\"radar\"";

    /// <summary>Bytes read of an error; a problem of the API has a few hundred, a proxy's page is of no use.</summary>
    private const int ErrorBytesMax = 64 * 1024;

    /// <summary>Reads what must be there.</summary>
    /// <exception cref="RadarApiException">The API answered with an error.</exception>
    /// <exception cref="HttpRequestException">It did not answer.</exception>
    public async Task<T> GetAsync<T>(Uri uri, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(uri, etag: null, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(response, type, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads what belongs to a symbol; null where the API does not know the symbol.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<T?> FindAsync<T>(Uri uri, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        using var response = await SendAsync(uri, etag: null, cancellationToken).ConfigureAwait(false);
        return await FindAsync(response, type, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The same, but <paramref name="known"/> itself where the API's is still of <paramref name="version"/>.</summary>
    /// <inheritdoc cref="GetAsync"/>
    public async Task<T?> FindAsync<T>(Uri uri, JsonTypeInfo<T> type, T known, string version, CancellationToken cancellationToken)
        where T : class
    {
        using var response = await SendAsync(uri, new EntityTagHeaderValue($"\"{version}\""), cancellationToken).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.NotModified
            ? known
            : await FindAsync(response, type, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What is wrong, as the API describes it.</summary>
    public async Task<RadarApiException> ErrorAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        ProblemBody? problem = null;
        try
        {
            if (response.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json")
            {
                await response.Content.LoadIntoBufferAsync(ErrorBytesMax, cancellationToken).ConfigureAwait(false);
                byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
                problem = JsonSerializer.Deserialize(body, RadarJson.Default.ProblemBody);
            }
        }
        catch (Exception e) when (e is JsonException or HttpRequestException)
        {
            // The status is enough.
        }

        string status = string.Create(
            CultureInfo.InvariantCulture, $"{(int)response.StatusCode} {problem?.Title ?? response.ReasonPhrase}");
        return new RadarApiException(
            response.StatusCode, problem?.Detail is { } detail ? $"{status}: {detail}" : $"{status} from {At(response)}.")
        {
            Title = problem?.Title,
            Detail = problem?.Detail,
            Parameter = problem?.Parameter,
            IsOfAccess = response.Headers.WwwAuthenticate.Any(
                challenge => challenge.Parameter?.Contains(Realm, StringComparison.Ordinal) == true),
            RetryAfter = response.Headers.RetryAfter switch
            {
                { Delta: { } delta } => delta,
                { Date: { } date } => TimeSpan.FromTicks(Math.Max(0, (date - time.GetUtcNow()).Ticks)),
                _ => null,
            },
        };
    }

    /// <summary>Sends a request by a client of its own.</summary>
    /// <param name="make">Makes the request.</param>
    /// <param name="completion">When the answer is given.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public Task<HttpResponseMessage> SendAsync(
        Func<HttpRequestMessage> make, HttpCompletionOption completion, CancellationToken cancellationToken) =>
        credentials.SendAsync(http(), make, completion, cancellationToken);

    private Task<HttpResponseMessage> SendAsync(Uri uri, EntityTagHeaderValue? etag, CancellationToken cancellationToken) => SendAsync(
        () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, uri);
            if (etag is not null)
                request.Headers.IfNoneMatch.Add(etag);
            return request;
        },
        HttpCompletionOption.ResponseContentRead,
        cancellationToken);

    private async Task<T?> FindAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (response.StatusCode != HttpStatusCode.NotFound)
            return await ReadAsync(response, type, cancellationToken).ConfigureAwait(false);

        // Also what a wrong address is answered with; but only the API names the symbol.
        var error = await ErrorAsync(response, cancellationToken).ConfigureAwait(false);
        return error.Parameter == "symbol" ? null : throw error;
    }

    private async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
            throw await ErrorAsync(response, cancellationToken).ConfigureAwait(false);
        try
        {
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize(body, type) ?? throw new JsonException("The body is null.");
        }
        catch (JsonException e)
        {
            throw new RadarApiException(
                response.StatusCode, $"What {At(response)} answered cannot be read ({e.Message}) Is there a Radar API at BaseAddress?", e);
        }
    }

    private static string At(HttpResponseMessage response) =>
        response.RequestMessage?.RequestUri?.GetLeftPart(UriPartial.Path) ?? "the API";
}
