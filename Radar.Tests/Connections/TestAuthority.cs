using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Radar.Tests.Connections;

/// <summary>A CA of the tests, and certificates of it, in a directory that is deleted at the end.</summary>
public sealed class TestAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1", ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private const string Name = "radar test CA";

    private readonly string _directory = Directory.CreateTempSubdirectory("radar-certificates-").FullName;
    private readonly X509Certificate2 _ca;
    private int _issued;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + Name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        _ca = request.CreateSelfSigned(Now.AddYears(-2), Now.AddYears(2));
        CaFile = Write("ca.pem", _ca.ExportCertificatePem());
    }

    /// <summary>The certificate of the CA.</summary>
    public string CaFile { get; }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <summary>A certificate for 127.0.0.1 and localhost, valid now.</summary>
    public IssuedCertificate Issue() => Issue(Now.AddDays(1), "127.0.0.1", "localhost");

    /// <summary>A certificate of yesterday.</summary>
    public IssuedCertificate IssueOutdated() => Issue(Now.AddDays(-1), "127.0.0.1");

    /// <summary>A certificate for other names.</summary>
    public IssuedCertificate IssueFor(params string[] names) => Issue(Now.AddDays(1), names);

    public void Dispose()
    {
        _ca.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private IssuedCertificate Issue(DateTimeOffset until, params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + names[0], key, HashAlgorithmName.SHA256);
        var subjects = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out var address))
                subjects.AddIpAddress(address);
            else
                subjects.AddDnsName(name);
        }

        request.CertificateExtensions.Add(subjects.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid(ServerAuthentication), new Oid(ClientAuthentication)], critical: false));
        byte[] serial = [1, .. BitConverter.GetBytes(++_issued)];
        using var issued = request.Create(_ca, until.AddDays(-10), until, serial);
        string number = _issued.ToString(System.Globalization.CultureInfo.InvariantCulture);
        string certificate = issued.ExportCertificatePem() + "\n", secret = key.ExportPkcs8PrivateKeyPem() + "\n";
        return new IssuedCertificate(
            Write(number + ".pem", certificate), Write(number + ".key", secret), Write(number + ".both.pem", secret + certificate));
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}

/// <summary>Files of a certificate.</summary>
/// <param name="File">The certificate.</param>
/// <param name="KeyFile">Its key.</param>
/// <param name="BothFile">Both in one.</param>
public sealed record IssuedCertificate(string File, string KeyFile, string BothFile);
