using System.Collections.Immutable;
using System.Globalization;
using Radar.Market;
using Radar.Market.Store;
using Radar.ServiceDefaults.Settings;

namespace Radar.Api.Access;

/// <summary>Makes, lists, rotates and revokes keys. Every act is logged and counted; no secret is.</summary>
internal sealed partial class KeyAdministration(
    ApiKeyRecords records, AccessMetrics metrics, SymbolRule rule, TimeProvider time, ILogger<KeyAdministration> logger)
{
    private const int NameLengthMax = 64;
    private const int DaysMax = 36_500;

    /// <summary>Makes a key; its secret is in the answer only.</summary>
    /// <param name="name">Whose it is.</param>
    /// <param name="scopes">Of <see cref="Scopes"/>.</param>
    /// <param name="symbols">See <see cref="SymbolPatterns"/>; null or none is every symbol.</param>
    /// <param name="lifetime">After which it ends; null is never.</param>
    /// <param name="limits">Its own; null is none.</param>
    /// <param name="by">Who asked for it.</param>
    /// <exception cref="KeyRequestException">What is asked for cannot be.</exception>
    public async Task<(ApiKey Key, KeySecret Secret)> CreateAsync(
        string? name, IReadOnlyList<string>? scopes, IReadOnlyList<string>? symbols, TimeSpan? lifetime,
        KeyLimits? limits, string by)
    {
        if (name is null || name.Length is 0 or > NameLengthMax || !name.All(IsVisible))
            throw new KeyRequestException("name", $"A key needs a name of 1 to {NameLengthMax} characters that can be seen.");
        string[] unknown = [.. (scopes ?? []).Except(Scopes.All)];
        if (scopes is null or [] || unknown.Length > 0)
        {
            string hint = unknown is [{ } first, ..] ? Spelling.Hint(first, Scopes.All) : "";
            throw new KeyRequestException("scopes", $"A key needs scopes, of {string.Join(", ", Scopes.All)}.{hint}");
        }

        if (lifetime <= TimeSpan.Zero)
            throw new KeyRequestException("expires_in_days", "A key that ends has to end later than now.");
        if (limits is { UnitsPerSecond: < 1 } or { Burst: < 10 } or { Streams: < 0 })
            throw new KeyRequestException("limits", "A key's limits are units_per_second from 1, burst from 10, and streams from 0 on.");
        var patterns = SymbolPatterns.TryParse(symbols ?? [], rule, out string wrong)
            ?? throw new KeyRequestException("symbols", $"'{wrong}' is not {SymbolPatterns.Rule}.");

        var now = time.GetUtcNow();
        var secret = KeySecret.New();
        var key = new ApiKey(
            secret.Id, name, [.. scopes.Distinct().Order(StringComparer.Ordinal)], [new KeptSecret(secret.Hash(), now)], now,
            lifetime is { } length ? now + length : null, patterns.Texts.IsEmpty ? null : patterns.Texts, limits);
        if (!await records.TryReplaceAsync(key.Id, before: null, key.Format()))
            throw new InvalidOperationException("A key has this id already.");
        Note("create", key.Id, by);
        return (key, secret);
    }

    /// <summary>How long a key counts that ends after so many days; null is for ever.</summary>
    /// <exception cref="KeyRequestException">It ends at once, or later than a person can mean.</exception>
    public static TimeSpan? LifetimeOf(double? days) => days switch
    {
        null => null,
        > 0 and <= DaysMax => TimeSpan.FromDays(days.Value),
        _ => throw new KeyRequestException("expires_in_days", $"A key that ends does so after more than 0 and at most {DaysMax} days."),
    };

    /// <summary>All keys, by name.</summary>
    public async Task<ImmutableArray<ApiKey>> ListAsync() =>
        [.. (await records.ReadAsync()).Records.Values.Select(ApiKey.TryParse).OfType<ApiKey>()
            .OrderBy(key => key.Name, StringComparer.Ordinal).ThenBy(key => key.Id, StringComparer.Ordinal)];

    /// <summary>Gives a key a second secret; the one before counts on, an older one does not.</summary>
    /// <exception cref="KeyRequestException">There is no such key.</exception>
    public async Task<KeySecret> RotateAsync(string id, string by)
    {
        var secret = KeySecret.OfId(id);
        await ChangeAsync(id, key => key with
        {
            Secrets = [.. key.Secrets.TakeLast(ApiKey.SecretsMax - 1), new KeptSecret(secret.Hash(), time.GetUtcNow())],
        });
        Note("rotate", id, by);
        return secret;
    }

    /// <summary>Takes away all secrets of a key but the newest.</summary>
    /// <exception cref="KeyRequestException">There is no such key.</exception>
    public async Task RetireAsync(string id, string by)
    {
        await ChangeAsync(id, static key => key with { Secrets = [key.Secrets[^1]] });
        Note("retire", id, by);
    }

    /// <summary>Removes a key: every API process refuses it within two seconds.</summary>
    /// <exception cref="KeyRequestException">There is no such key.</exception>
    public async Task RevokeAsync(string id, string by)
    {
        await ChangeAsync(id, static _ => null);
        Note("revoke", id, by);
    }

    private async Task ChangeAsync(string id, Func<ApiKey, ApiKey?> change)
    {
        while (true)
        {
            if (!KeySecret.IsId(id)) // which may be a whole key: it is not repeated
                throw new KeyRequestException("id", "An id has 12 hexadecimal digits, as the list of keys shows them.");
            string before = await records.FindAsync(id) ?? throw new KeyRequestException("id", $"There is no key {id}.");
            if (ApiKey.TryParse(before) is not { } key)
                throw new KeyRequestException("id", $"The record of key {id} cannot be read.");
            if (await records.TryReplaceAsync(id, before, change(key)?.Format()))
                return;
        }
    }

    /// <summary>Not what breaks a line, moves the cursor or turns the direction of writing where keys are listed.</summary>
    private static bool IsVisible(char character) => char.GetUnicodeCategory(character) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private void Note(string act, string id, string by)
    {
        metrics.Administered(act);
        Administered(act, id, by);
    }

    [LoggerMessage(1, LogLevel.Information, "Keys: {Act} of key {Id} by {By}.")]
    private partial void Administered(string act, string id, string by);
}

/// <summary>What was asked of <see cref="KeyAdministration"/> cannot be; the message is for who asked.</summary>
internal sealed class KeyRequestException(string parameter, string message) : Exception(message)
{
    /// <summary>What is wrong.</summary>
    public string Parameter { get; } = parameter;
}
