using System.Net;
using System.Net.Http.Headers;

namespace Radar.Client;

/// <summary>Sends requests with what the API wants to know of the caller.</summary>
/// <param name="options">Has the key, or the provider of tokens.</param>
internal sealed class Credentials(RadarClientOptions options)
{
    /// <summary>Sends a request; once more with a new token where the API refuses the one that it was sent.</summary>
    /// <param name="http">Sends it.</param>
    /// <param name="make">Makes the request; a request can be sent only once.</param>
    /// <param name="completion">When the answer is given.</param>
    /// <param name="cancellationToken">Ends the request.</param>
    public async Task<HttpResponseMessage> SendAsync(
        HttpClient http, Func<HttpRequestMessage> make, HttpCompletionOption completion, CancellationToken cancellationToken)
    {
        var response = await SendAsync(http, make, completion, wasRefused: false, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized || options.AccessToken is null)
            return response;
        response.Dispose();
        return await SendAsync(http, make, completion, wasRefused: true, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpClient http, Func<HttpRequestMessage> make, HttpCompletionOption completion, bool wasRefused,
        CancellationToken cancellationToken)
    {
        using var request = make();
        string? token = options.AccessToken is { } provider
            ? await provider(new AccessTokenRequest(wasRefused, cancellationToken)).ConfigureAwait(false)
            : options.Key;
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.SendAsync(request, completion, cancellationToken).ConfigureAwait(false);
    }
}
