using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Radar.ServiceDefaults.Tls;

/// <summary>
/// Decides whether a server's certificate is trusted, by a CA of one's own where there is one, and remembers what was wrong with the last.
/// </summary>
/// <param name="readCas">The certificates of the CAs, read at each handshake, so that new ones count without a restart; null where those
/// count that this machine trusts.</param>
/// <param name="settings">Where the mend of a fault goes.</param>
internal sealed class CertificateCheck(Func<X509Certificate2Collection>? readCas, TlsSettings settings)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private volatile string? _fault;
    private volatile bool _hasSeenOne;

    /// <summary>The certificates of a PEM file.</summary>
    /// <exception cref="CryptographicException">No certificate can be read.</exception>
    public static X509Certificate2Collection ReadCas(string file)
    {
        var cas = new X509Certificate2Collection();
        cas.ImportFromPemFile(file);
        return cas.Count > 0 ? cas : throw new CryptographicException("No certificate.");
    }

    /// <summary>What was wrong at the last handshake; null where nothing was.</summary>
    public string? Fault => _fault;

    /// <summary>Whether a server has ever shown a certificate. One without TLS lets the handshake wait, which no event tells.</summary>
    public bool HasSeenOne => _hasSeenOne;

    /// <summary>Forgets the fault: the last connection failed for another reason.</summary>
    public void Forget() => _fault = null;

    /// <summary>For <see cref="SslStream"/>.</summary>
    public bool IsTrusted(object sender, X509Certificate? shown, X509Chain? chain, SslPolicyErrors errors)
    {
        _hasSeenOne = true;
        var certificate = shown as X509Certificate2;
        X509ChainStatus[] statuses = chain?.ChainStatus ?? [];
        if (certificate is not null && readCas is not null)
        {
            try
            {
                (errors, statuses) = CheckOwn(readCas(), certificate, chain, errors);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
            {
                string why = e is CryptographicException ? "it holds something else" : "it is not there, or may not be read";
                _fault = $"the file of {settings.CaSetting} cannot be read: {why}";
                return false;
            }
        }

        bool isTrusted = errors == SslPolicyErrors.None;
        _fault = isTrusted
            ? null
            : CertificateFault.Describe(certificate, statuses, errors, (sender as SslStream)?.TargetHostName, settings);
        return isTrusted;
    }

    /// <summary>A CA of one's own has no list of revoked certificates that others could ask for.</summary>
    private static (SslPolicyErrors Errors, X509ChainStatus[] Statuses) CheckOwn(
        X509Certificate2Collection cas, X509Certificate2 certificate, X509Chain? received, SslPolicyErrors errors)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(cas);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (received is not null)
            chain.ChainPolicy.ExtraStore.AddRange(received.ChainPolicy.ExtraStore);
        bool isValid = chain.Build(certificate);
        return (
            isValid ? errors & ~SslPolicyErrors.RemoteCertificateChainErrors : errors | SslPolicyErrors.RemoteCertificateChainErrors,
            chain.ChainStatus);
    }
}
