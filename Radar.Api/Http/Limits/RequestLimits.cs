using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Diagnostics;
using Radar.Api.Http.Access;
using Radar.Api.Http.Answers;
using Radar.Api.Limits;

namespace Radar.Api.Http.Limits;

/// <summary>
/// Limits what a caller asks, and says on every answer what is left: <c>RateLimit-Policy</c> and <c>RateLimit</c>
/// (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/).
/// </summary>
internal sealed class RequestLimits(CallerLimits limits) : IRequestLimit
{
    /// <summary>False where nobody can have a limit.</summary>
    public bool IsOn => limits.IsOn;

    /// <summary>To be called where the caller is known.</summary>
    public Task LimitAsync(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequestCost>() is not { Units: var units }
            || Find(context) is not var (caller, limit))
            return next(context);
        bool isIn = limits.TryTake(caller, limit, units);
        Stamp(context.Response, limit);
        if (isIn)
            return next(context);
        int seconds = Math.Max(1, (int)Math.Ceiling(limit.Wait(units, limits.Replicas).TotalSeconds));
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Problems.WriteAsync(context, Problems.Of(
            StatusCodes.Status429TooManyRequests,
            $"This {(Caller.Of(context) is null ? "address" : "key or token")} may use {limit.Budget.PerSecond} units per second, and "
                + $"{limit.Budget.Burst} at once; this request costs {units}. Try again in {seconds} s."));
    }

    /// <inheritdoc/>
    public void Charge(HttpContext context, int items)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<RequestCost>() is null || Find(context) is not var (_, limit))
            return;
        limit.Charge((items - 1) / IRequestLimit.Free);
        Stamp(context.Response, limit);
    }

    /// <inheritdoc/>
    public void Repeat(HttpContext context)
    {
        var endpoint = context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        if (endpoint?.Metadata.GetMetadata<RequestCost>() is not null && Find(context) is var (_, limit))
            Stamp(context.Response, limit);
    }

    /// <summary>Null where the caller has no limit.</summary>
    private (string Caller, CallerLimit Limit)? Find(HttpContext context)
    {
        var known = Caller.Of(context);
        if (limits.BudgetOf(known?.Limits) is not { } budget)
            return null;
        string caller = known?.Name ?? "address " + AddressOf(context.Connection.RemoteIpAddress);
        return (caller, limits.Of(caller, budget));
    }

    /// <summary>Of IPv6 the network: a client has all addresses of one.</summary>
    private static string AddressOf(IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();
        if (address?.AddressFamily != AddressFamily.InterNetworkV6)
            return address?.ToString() ?? "unknown";
        byte[] network = address.GetAddressBytes();
        network.AsSpan(8).Clear();
        return new IPAddress(network).ToString();
    }

    private static void Stamp(HttpResponse response, CallerLimit limit)
    {
        var (units, full) = limit.Remaining();
        response.Headers["RateLimit-Policy"] = limit.Budget.Policy;
        response.Headers["RateLimit"] = string.Create(
            CultureInfo.InvariantCulture, $"\"default\";r={units};t={Math.Ceiling(full.TotalSeconds)}");
    }
}

/// <summary>What a request costs; metadata of its endpoint.</summary>
/// <param name="Units">Cost units.</param>
internal sealed record RequestCost(int Units)
{
    /// <summary>Of a read or an administrator's act.</summary>
    public static RequestCost Usual { get; } = new(1);

    /// <summary>Of opening a stream.</summary>
    public static RequestCost Stream { get; } = new(Budget.CostMax);
}
