using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Radar.ServiceDefaults.Tls;

/// <summary>What is wrong with the certificate that a server shows, in a few words, with the setting that mends it.</summary>
internal static class CertificateFault
{
    private const int NamesShown = 3;

    /// <summary>A signature is not valid where another CA of the same name is trusted.</summary>
    private const X509ChainStatusFlags Untrusted =
        X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.NotSignatureValid;

    /// <param name="certificate">The server's; null where it showed none.</param>
    /// <param name="statuses">What its chain was found to be.</param>
    /// <param name="errors">What TLS found.</param>
    /// <param name="host">The name that the server was reached by.</param>
    /// <param name="settings">Where the mend goes.</param>
    public static string Describe(
        X509Certificate2? certificate, IReadOnlyList<X509ChainStatus> statuses, SslPolicyErrors errors, string? host, TlsSettings settings)
    {
        if (certificate is null)
            return "it shows no TLS certificate";
        var all = statuses.Aggregate(X509ChainStatusFlags.NoError, static (sum, status) => sum | status.Status);
        if (all.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"its TLS certificate is valid from {certificate.NotBefore.ToUniversalTime():yyyy-MM-dd HH:mm} to "
                + $"{certificate.NotAfter.ToUniversalTime():yyyy-MM-dd HH:mm} UTC, and not now, "
                + $"or that of its issuer is not: renew it there");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"its TLS certificate is for {NamesOf(certificate)}, not for {Shown(host)}: {settings.NameMend}";
        if ((all & Untrusted) != X509ChainStatusFlags.NoError)
        {
            return $"its TLS certificate is of an issuer that is not trusted, {Shown(certificate.Issuer)}: "
                + $"the certificate of that CA goes into {settings.CaSetting}";
        }

        return all == X509ChainStatusFlags.NoError
            ? "the TLS handshake failed"
            : string.Create(CultureInfo.InvariantCulture, $"its TLS certificate is refused ({all})");
    }

    private static string NamesOf(X509Certificate2 certificate)
    {
        if (certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is not { } names)
            return "no host (it has no subject alternative name)";
        string[] all = [.. names.EnumerateDnsNames(), .. names.EnumerateIPAddresses().Select(static ip => ip.ToString())];
        return string.Join(", ", all.Take(NamesShown).Select(Shown)) + (all.Length > NamesShown ? ", …" : "");
    }

    /// <summary>It comes from the other side.</summary>
    private static string Shown(string? text) => LogText.Of(text ?? "this host");
}

/// <summary>Where the mend of a certificate goes.</summary>
/// <param name="CaSetting">Name of the setting that names a CA.</param>
/// <param name="NameMend">What to do where the name is another, a clause.</param>
internal sealed record TlsSettings(string CaSetting, string NameMend);
