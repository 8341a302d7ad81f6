using System.Globalization;
using StackExchange.Redis;

namespace Radar.ServiceDefaults;

/// <summary>
/// A Redis connection string, in one of two forms:
/// <code>
/// redis://user:password@host:6379/0?connectTimeout=1000    rediss:// is TLS; user and password are percent-decoded
/// host:6379,host:6380,user=…,password=…,ssl=true           StackExchange.Redis's own
/// </code>
/// An error message contains none of its values: part of a password may be in any of them.
/// </summary>
public sealed class RedisConnectionString
{
    private const int DefaultPort = 6379;
    private const string Credentials =
        "Credentials are settings behind the addresses, user=… and password=…, or go into a redis:// URL.";

    private const string Comma = "Where it is the rest of a password with a comma, write a redis:// URL with %2C in its place.";
    private const string Encode = "In a URL the characters / ? # @ : , of a user or password are percent-encoded, such as %40 for @.";

    private readonly string _text;
    private readonly string? _user;
    private readonly string? _password;

    private RedisConnectionString(string[] addresses, List<string> settings)
    {
        var credentials = new ConfigurationOptions();
        foreach (string setting in settings)
        {
            var read = ReadSetting(setting, settings.IndexOf(setting) + 1);
            credentials.User = read.User ?? credentials.User;
            credentials.Password = read.Password ?? credentials.Password;
        }

        (_user, _password) = (credentials.User, credentials.Password);
        Addresses = string.Join(',', addresses);
        _text = string.Join(',', [.. addresses, .. settings.Where(setting => !IsCredential(setting))]);
    }

    /// <summary><c>host:port,host:port</c>, for people; nothing else of the connection string is fit to be shown.</summary>
    public string Addresses { get; }

    /// <summary>The same in the client's form, without user and password: those are added by <see cref="AddCredentials"/>.</summary>
    internal string WithoutCredentials => _text;

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="FormatException">It cannot be read; the message says what to change, and quotes no value.</exception>
    public static RedisConnectionString Parse(string text)
    {
        text = text.Trim();
        int scheme = text.IndexOf("://", StringComparison.Ordinal);
        int setting = text.IndexOf('=', StringComparison.Ordinal);
        if (scheme < 0 || (setting >= 0 && setting < scheme))
            return ReadClientForm(text);
        return text[..scheme].ToLowerInvariant() switch
        {
            "redis" => ReadUrl(text[(scheme + 3)..], tls: false),
            "rediss" => ReadUrl(text[(scheme + 3)..], tls: true),
            _ => throw new FormatException("its scheme is neither redis:// nor rediss://."),
        };
    }

    /// <summary>Options of the client, new at each call.</summary>
    public ConfigurationOptions ToOptions()
    {
        var options = ConfigurationOptions.Parse(_text);
        AddCredentials(options);
        return options;
    }

    /// <summary>Adds what <see cref="WithoutCredentials"/> leaves out.</summary>
    internal void AddCredentials(ConfigurationOptions options)
    {
        options.User = _user ?? options.User;
        options.Password = _password ?? options.Password;
    }

    private static RedisConnectionString ReadClientForm(string text)
    {
        string[] parts = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        string[] addresses = [.. parts.TakeWhile(part => !part.Contains('=', StringComparison.Ordinal))];
        if (addresses.Length == 0)
            throw new FormatException("it begins with no address, host:port.");
        for (int i = 0; i < addresses.Length; i++)
        {
            if (!addresses[i].StartsWith('!')) // a Unix socket
                addresses[i] = HostPort.Read(addresses[i], DefaultPort) ?? throw new FormatException(Invariant(
                    $"part {i + 1} is not host:port. {Credentials}"));
        }

        List<string> settings = [.. parts.Skip(addresses.Length)];
        int stray = settings.FindIndex(part => !part.Contains('=', StringComparison.Ordinal));
        return stray < 0 ? new(addresses, settings) : throw new FormatException(Invariant(
            $"part {addresses.Length + stray + 1} is no setting name=value, and addresses come first. {Comma}"));
    }

    private static RedisConnectionString ReadUrl(string rest, bool tls)
    {
        int end = rest.IndexOfAny(['/', '?', '#']);
        var (authority, tail) = end < 0 ? (rest, "") : (rest[..end], rest[end..]);
        int at = authority.LastIndexOf('@');
        string address = HostPort.Read(authority[(at + 1)..], DefaultPort)
            ?? throw new FormatException("there is no host, or its port is not a number from 1 to 65535. " + Encode);
        var settings = new List<string>();
        if (tls)
            settings.Add("ssl=true");

        int query = tail.IndexOf('?', StringComparison.Ordinal);
        string database = (query < 0 ? tail : tail[..query]).TrimStart('/');
        bool isNumber = database.Length == 0 || int.TryParse(database, NumberStyles.None, CultureInfo.InvariantCulture, out _);
        if (tail.Contains('#', StringComparison.Ordinal) || !isNumber)
            throw new FormatException("what follows the host is not the number of a database, such as /0. " + Encode);
        if (database.Length > 0)
            settings.Add("defaultDatabase=" + database);
        foreach (string pair in query < 0 ? [] : tail[(query + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string decoded = Uri.UnescapeDataString(pair);
            if (decoded.Contains(',', StringComparison.Ordinal) || !decoded.Contains('=', StringComparison.Ordinal))
                throw new FormatException("behind the ? are settings of the client, name=value&name=value, without commas.");
            settings.Add(decoded);
        }

        var read = new RedisConnectionString([address], settings);
        return at < 0 ? read : new RedisConnectionString(read, authority[..at]);
    }

    /// <summary>The same with the credentials of a URL, which may have any character.</summary>
    private RedisConnectionString(RedisConnectionString other, string credentials)
    {
        int colon = credentials.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw new FormatException("before the @ there is no user:password; a password alone is :password.");
        (Addresses, _text) = (other.Addresses, other._text);
        _user = colon == 0 ? null : Uri.UnescapeDataString(credentials[..colon]);
        _password = Uri.UnescapeDataString(credentials[(colon + 1)..]);
    }

    /// <summary>One setting alone, so that the fault is that of this one.</summary>
    private static ConfigurationOptions ReadSetting(string setting, int number)
    {
        try
        {
            return ConfigurationOptions.Parse("localhost:1," + setting);
        }
        catch (ArgumentException e)
        {
            // The client's message quotes values. A name that it does not know may be the rest of one.
            string name = NameOf(setting);
            throw new FormatException(e.Message.Contains("not supported", StringComparison.Ordinal) || name.StartsWith('$')
                ? Invariant($"the name of setting {number} is none of StackExchange.Redis's. {Comma}")
                : $"{name} cannot have the value that it is given.");
        }
    }

    private static bool IsCredential(string setting) => NameOf(setting).ToLowerInvariant() is "user" or "password";

    private static string NameOf(string setting) => setting[..setting.IndexOf('=', StringComparison.Ordinal)].Trim();

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
