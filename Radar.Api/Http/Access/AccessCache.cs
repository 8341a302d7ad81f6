using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Claims;
using Microsoft.AspNetCore.Authorization;

namespace Radar.Api.Http.Access;

/// <summary>
/// Remembers where authorization let a key in, since asking again costs a third of a read. What is remembered ends with the key: when it
/// is revoked, changed or over.
/// </summary>
internal sealed class AccessCache(TimeProvider time)
{
    private const int KeysMax = 10_000;

    private readonly ConcurrentDictionary<string, Known> _known = new(StringComparer.Ordinal);

    /// <summary>True where this key was let in before, for the same policy; the request has its caller then.</summary>
    public bool TryPass(HttpContext context)
    {
        if (PolicyOf(context) is not { } policy || KeyAuthentication.Header(context.Request) is not { } header
            || !_known.TryGetValue(header, out var known))
            return false;
        if (known.Caller.Ended.IsCancellationRequested || (known.Caller.Expires is { } expires && expires <= time.GetUtcNow()))
        {
            _known.TryRemove(header, out _);
            return false;
        }

        if (!known.Policies.Contains(policy))
            return false;
        context.User = known.Principal;
        return true;
    }

    /// <summary>Authorization let a request in.</summary>
    public void Add(HttpContext context)
    {
        if (PolicyOf(context) is not { } policy || KeyAuthentication.Header(context.Request) is not { } header
            || Caller.Of(context) is not { AuthenticationType: KeyAuthentication.Name } caller)
            return;
        if (_known.Count >= KeysMax)
            _known.Clear();
        _known.AddOrUpdate(
            header,
            _ => new Known(caller, context.User, [policy]),
            (_, same) => same.Caller.Credential == caller.Credential && same.Caller.Ended == caller.Ended
                ? same with { Policies = [.. same.Policies.Append(policy).Distinct()] }
                : new Known(caller, context.User, [policy]));
    }

    private static string? PolicyOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>()?.Policy;

    private sealed record Known(Caller Caller, ClaimsPrincipal Principal, ImmutableArray<string> Policies);
}
