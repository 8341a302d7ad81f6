using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Options;
using Radar.ServiceDefaults.Tls;

namespace Radar.ServiceDefaults;

/// <summary>
/// Certificates for Redis, section <c>Redis</c>; the address, and whether TLS is used, is <c>ConnectionStrings:redis</c>. The files are PEM
/// and are read at each connection, so that renewed ones count without a restart.
/// </summary>
public sealed class RedisOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Redis";

    /// <summary>
    /// File with the root certificates (PEM) of the CAs that may have issued the server's certificate. Null are those that this machine
    /// trusts.
    /// </summary>
    public string? CaFile { get; set; }

    /// <summary>File with the certificate (PEM) that is shown to the server, where it asks for one.</summary>
    public string? ClientCertificateFile { get; set; }

    /// <summary>File with its private key (PEM, not encrypted); null is the same file.</summary>
    public string? ClientKeyFile { get; set; }

    /// <exception cref="CryptographicException">No certificate with a key can be read.</exception>
    internal X509Certificate2 ReadClientCertificate()
    {
        var read = X509Certificate2.CreateFromPemFile(ClientCertificateFile!, ClientKeyFile);
        if (!OperatingSystem.IsWindows())
            return read;
        using (read) // whose TLS takes no key that is in memory only
            return X509CertificateLoader.LoadPkcs12(read.Export(X509ContentType.Pkcs12), null);
    }
}

/// <summary>Checks <see cref="RedisOptions"/> at start.</summary>
/// <param name="usesTls">Whether the connection string asks for TLS.</param>
internal sealed class RedisOptionsRules(bool usesTls) : IValidateOptions<RedisOptions>
{
    public ValidateOptionsResult Validate(string? name, RedisOptions options)
    {
        var failures = new List<string>();
        if (!usesTls && (options.CaFile ?? options.ClientCertificateFile ?? options.ClientKeyFile) is not null)
            failures.Add("Redis: certificates are set, but ConnectionStrings:redis uses no TLS. Write rediss://, or add ssl=true to it.");
        if (options.ClientKeyFile is not null && options.ClientCertificateFile is null)
            failures.Add("Redis:ClientKeyFile is set without Redis:ClientCertificateFile.");
        Try(options.CaFile, nameof(RedisOptions.CaFile), "certificates of a CA, PEM", file =>
        {
            foreach (var ca in CertificateCheck.ReadCas(file))
                ca.Dispose();
        });
        Try(
            options.ClientCertificateFile, nameof(RedisOptions.ClientCertificateFile),
            "a certificate, PEM, with its key here or in Redis:ClientKeyFile", _ => options.ReadClientCertificate().Dispose());
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);

        void Try(string? file, string setting, string what, Action<string> read)
        {
            try
            {
                if (file is not null)
                    read(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
            {
                string why = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file"
                    : e is UnauthorizedAccessException ? "it may not be read" : "it holds something else";
                failures.Add($"Redis:{setting} names {LogText.Of(file!)}, where {what} belongs: {why}.");
            }
        }
    }
}
