using System.Xml;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;
using Radar.Api.Faults;
using Radar.Market.Store;

namespace Radar.Api.Http.Access;

/// <summary>Keeps in Redis what the session cookies are encrypted with.</summary>
internal sealed partial class SessionKeys(SessionKeyRecords records, FailureLog failures, ILogger<SessionKeys> log)
    : IXmlRepository, IConfigureOptions<KeyManagementOptions>
{
    /// <summary>Why a session cannot be checked or begun, where <see cref="AreAway"/>.</summary>
    public const string Away = "Redis does not answer, where the keys of sessions are. Try again.";

    private volatile bool _areAway;

    /// <summary>Whether Redis did not give them when they were last read: a cookie that cannot be decrypted may be good.</summary>
    public bool AreAway => _areAway;

    public void Configure(KeyManagementOptions options) => options.XmlRepository = this;

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        try
        {
            var elements = records.Read().Select(Parse).OfType<XElement>().ToArray();
            _areAway = false;
            return elements;
        }
        catch (Exception e) when (StoreFaults.IsAway(e))
        {
            _areAway = true;
            failures.RedisAway(e); // who asked for them logs it as an error with its stack trace, and is quiet
            throw;
        }
    }

    public void StoreElement(XElement element, string friendlyName) => records.Add(element.ToString(SaveOptions.DisableFormatting));

    private XElement? Parse(string record)
    {
        try
        {
            return XElement.Parse(record);
        }
        catch (XmlException)
        {
            Unreadable();
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Error, "A key of the session cookies in Redis is no XML and is left out; sessions made with it are over.")]
    private partial void Unreadable();
}
