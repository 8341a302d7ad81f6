using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Radar.Api.Http.Access;

/// <summary>
/// The signing keys of the tokens' issuer, by OpenID Connect discovery. Until they are known, a request waits at most
/// <see cref="Timeout"/>: concurrent requests share one read, and a failed read is not repeated within <see cref="RetryDelay"/>.
/// </summary>
internal sealed class IssuerKeys : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    /// <summary>A key that the issuer has taken back counts no longer than this.</summary>
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromMinutes(10);

    /// <summary>A new key of the issuer is looked for when a token has it, and no more often than this.</summary>
    private static readonly TimeSpan RefreshAtMostEvery = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5), MaxResponseContentBufferSize = 1024 * 1024 };
    private readonly ConfigurationManager<OpenIdConnectConfiguration> _reader;
    private readonly TimeProvider _time;
    private Task<OpenIdConnectConfiguration>? _reading;
    private long _begun;

    /// <param name="address">Of the metadata.</param>
    /// <param name="needsTls">Whether it may be read by HTTPS only.</param>
    /// <param name="time">The clock.</param>
    public IssuerKeys(string address, bool needsTls, TimeProvider time)
    {
        _time = time;
        _reader = new ConfigurationManager<OpenIdConnectConfiguration>(
            address, new OpenIdConnectConfigurationRetriever(), new HttpDocumentRetriever(_http) { RequireHttps = needsTls })
        {
            AutomaticRefreshInterval = RefreshEvery, RefreshInterval = RefreshAtMostEvery,
        };
    }

    /// <exception cref="InvalidOperationException">They are not known, and the issuer does not answer with them.</exception>
    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        Task<OpenIdConnectConfiguration> reading;
        TimeSpan left;
        lock (_gate)
        {
            bool isOver = _reading is { IsCompleted: true } over
                && (over.IsCompletedSuccessfully || _time.GetElapsedTime(_begun) >= RetryDelay);
            if (_reading is null || isOver)
                (_reading, _begun) = (_reader.GetConfigurationAsync(CancellationToken.None), _time.GetTimestamp());
            reading = _reading;
            left = Timeout - _time.GetElapsedTime(_begun);
        }

        if (!reading.IsCompleted && left <= TimeSpan.Zero)
            throw new InvalidOperationException("The issuer is being asked for its keys.");
        try
        {
            return await reading.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, cancel);
        }
        catch (TimeoutException e)
        {
            throw new InvalidOperationException("The issuer does not answer in time.", e);
        }
    }

    public void RequestRefresh() => _reader.RequestRefresh();

    public void Dispose() => _http.Dispose();
}
