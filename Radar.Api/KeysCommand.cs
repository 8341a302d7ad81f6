using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Radar.Api.Access;
using Radar.Market.Store;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Settings;

namespace Radar.Api;

/// <summary><c>keys …</c> makes, lists, rotates and revokes keys instead of running the service, in the Redis of its settings.</summary>
internal static class KeysCommand
{
    private const string Usage =
        """
        keys list
        keys create --name NAME --scopes market.read,market.stream,admin [--symbols BTC*,ETH*] [--expires-in-days 90]
                    [--units-per-second 100] [--burst 400] [--streams 10]
                    symbols are upper-cased unless --Producer:SymbolCase=keep is given, as to the API
        keys rotate ID     gives the key a second secret; the one before counts until it is retired
        keys retire ID     takes away all secrets of the key but the newest
        keys revoke ID     removes the key; every API process refuses it within two seconds
        Redis is that of ConnectionStrings:redis: --ConnectionStrings:redis=host:port, or the environment's ConnectionStrings__redis.
        """;

    private static readonly string[] Verbs = ["list", "create", "rotate", "retire", "revoke"];

    private static readonly string[] Options =
        ["--name", "--scopes", "--symbols", "--expires-in-days", "--units-per-second", "--burst", "--streams"];

    /// <returns>The exit code: 0, 1 where Redis does not answer, 2 where what is asked for cannot be.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        if (args is [] or ["help" or "--help" or "-h"])
        {
            await output.WriteLineAsync(Usage);
            return args.Length == 0 ? ServiceRunner.ConfigurationError : 0;
        }

        try
        {
            var (own, settings) = Split(args[1..]);
            Check(args[0], own); // before Redis is needed for it
            await using var app = ApiService.Build(
                ["--ConnectionStrings:kafka", "127.0.0.1:1", "--Kafka:Topic", "unused", .. settings, "--Logging:LogLevel:Default", "None"]);
            var servers = app.Services.GetRequiredService<RedisServers>();
            try
            {
                await RunAsync(args[0], own, app.Services.GetRequiredService<KeyAdministration>(), output);
                return 0;
            }
            catch (Exception first) when (StoreFaults.IsAway(first))
            {
                var e = await servers.WithCauseAsync(first);
                await errors.WriteLineAsync($"Redis at {servers.Addresses} " + (RedisFault.IsRefusal(e)
                    ? "refuses: " + servers.Reason(e).Detailed
                    : $"does not answer ({servers.Reason(e).Detailed}). {servers.Advice}"));
                return ServiceRunner.BackgroundFailure;
            }
        }
        catch (KeyRequestException e)
        {
            await errors.WriteLineAsync(e.Message);
            await errors.WriteLineAsync(Usage);
            return ServiceRunner.ConfigurationError;
        }
        catch (ConfigurationException e)
        {
            await errors.WriteLineAsync("configuration: " + e.Message);
            return ServiceRunner.ConfigurationError;
        }
        catch (OptionsValidationException e)
        {
            await errors.WriteLineAsync("configuration: " + string.Join(' ', e.Failures));
            return ServiceRunner.ConfigurationError;
        }
    }

    private static void Check(string verb, List<string> own)
    {
        if (!Verbs.Contains(verb))
        {
            throw new KeyRequestException(
                "command", $"There is no command keys {LogText.Of(verb)}.{Spelling.Hint(verb, Verbs)}");
        }

        switch (verb, own)
        {
            case ("create", _):
                Values(own);
                break;
            case ("list", [var more, ..]): // it may be a whole key, and is not repeated
                throw new KeyRequestException("command", "keys list takes nothing else." + Redis(more));
            case ("list", []) or (_, [not ['-', ..]]):
                break;
            case (_, []):
                throw new KeyRequestException("command", $"keys {verb} needs the id of a key, as `keys list` shows it.");
            default:
                throw new KeyRequestException("command", $"keys {verb} takes one id, and nothing else.{Redis(own[^1])}{Redis(own[0])}");
        }
    }

    /// <summary>Where an option of Standalone is taken for one of this command.</summary>
    private static string Redis(string option) =>
        option.Split('=')[0] == "--redis" ? " Redis is named by --ConnectionStrings:redis=host:port here." : "";

    private static async Task RunAsync(string verb, List<string> own, KeyAdministration administration, TextWriter output)
    {
        const string By = "the command line";
        switch (verb, own)
        {
            case ("list", []):
                foreach (ApiKey key in await administration.ListAsync())
                    await output.WriteLineAsync(Line(key));
                break;
            case ("create", var given):
                var values = Values(given);
                var (made, secret) = await administration.CreateAsync(
                    values.GetValueOrDefault("--name"), List("--scopes"), List("--symbols"), Days(), Limits(), By);
                await output.WriteLineAsync(Line(made));
                await output.WriteLineAsync($"{secret.Reveal()}   shown only now");
                break;

                string[]? List(string option) => values.GetValueOrDefault(option)?.Split(',', StringSplitOptions.TrimEntries);

                KeyLimits? Limits() => (Whole("--units-per-second"), Whole("--burst"), Whole("--streams")) is var (units, burst, streams)
                    && (units ?? burst ?? streams) is not null ? new KeyLimits(units, burst, streams) : null;

                int? Whole(string option) => !values.TryGetValue(option, out string? text) ? null
                    : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
                    : throw new KeyRequestException(option[2..], $"{option} {text} is no whole number.");

                TimeSpan? Days() => !values.TryGetValue("--expires-in-days", out string? text) ? null
                    : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double days)
                        ? KeyAdministration.LifetimeOf(days)
                        : throw new KeyRequestException("expires-in-days", $"--expires-in-days {text} is no number of days.");
            case ("rotate", [var id]):
                var rotated = await administration.RotateAsync(id, By);
                await output.WriteLineAsync($"{rotated.Reveal()}   shown only now; the secret before counts until: keys retire {id}");
                break;
            case ("retire", [var id]):
                await administration.RetireAsync(id, By);
                await output.WriteLineAsync($"Key {id} has its newest secret only.");
                break;
            case ("revoke", [var id]):
                await administration.RevokeAsync(id, By);
                await output.WriteLineAsync($"Key {id} is revoked.");
                break;
            default:
                throw new InvalidOperationException($"keys {verb} was checked.");
        }
    }

    private static string Line(ApiKey key) =>
        $"{key.Id}  {key.Name}  {string.Join(',', key.Scopes)}"
        + (key.Symbols is { } symbols ? "  symbols " + string.Join(',', symbols) : "")
        + (key.Expires is { } expires ? string.Create(CultureInfo.InvariantCulture, $"  until {expires:u}") : "")
        + (key.Limits is { } limits ? $"  limits {limits.UnitsPerSecond?.ToString(CultureInfo.InvariantCulture) ?? "usual"}/s"
            + $", burst {limits.Burst?.ToString(CultureInfo.InvariantCulture) ?? "usual"}"
            + $", streams {limits.Streams?.ToString(CultureInfo.InvariantCulture) ?? "usual"}" : "")
        + (key.Secrets.Length > 1 ? $"  {key.Secrets.Length} secrets" : "");

    /// <summary>What is of the command, and what is the service's configuration: <c>--Section:Name value</c>.</summary>
    private static (List<string> Own, List<string> Settings) Split(string[] args)
    {
        var (own, settings) = (new List<string>(), new List<string>());
        for (int i = 0; i < args.Length; i++)
        {
            bool isSetting = args[i].StartsWith("--", StringComparison.Ordinal) && args[i].Length > 2
                && (char.IsUpper(args[i][2]) || args[i].Split('=')[0].Contains(':', StringComparison.Ordinal));
            (isSetting ? settings : own).Add(args[i]);
            if (isSetting && !args[i].Contains('=', StringComparison.Ordinal) && i + 1 < args.Length)
                settings.Add(args[++i]);
        }

        return (own, settings);
    }

    /// <summary><c>--name value</c> and <c>--name=value</c>.</summary>
    private static Dictionary<string, string> Values(List<string> given)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        for (int i = 0; i < given.Count; i++)
        {
            string[] parts = given[i].Split('=', 2);
            if (!Options.Contains(parts[0]))
            {
                throw new KeyRequestException(
                    "option", $"There is no option {LogText.Of(parts[0])}; there are {string.Join(", ", Options)}."
                        + (Redis(parts[0]) is { Length: > 0 } hint ? hint : Spelling.Hint(parts[0], Options)));
            }

            string value = parts.Length == 2 ? parts[1]
                : ++i < given.Count ? given[i]
                : throw new KeyRequestException("option", $"{parts[0]} has no value.");
            if (!values.TryAdd(parts[0], value))
                throw new KeyRequestException("option", $"{parts[0]} is given twice.");
        }

        return values;
    }
}
