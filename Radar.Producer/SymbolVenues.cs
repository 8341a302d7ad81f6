using System.Runtime.InteropServices;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Radar.Market;
using Radar.ServiceDefaults;

namespace Radar.Producer;

/// <summary>
/// Notices where ticks of two venues or markets are sent under one symbol, such as spot and futures of one name: it is logged once, and
/// health reports it as long as the process runs. Ticks without a venue are of no other one. One writer.
/// </summary>
internal sealed class SymbolVenues(ILogger<SymbolVenues> logger)
{
    // More symbols than any market has.
    private const int SymbolsMax = 1 << 20;

    private readonly Dictionary<string, string> _first = new(StringComparer.Ordinal);
    private readonly HashSet<string> _met = new(StringComparer.Ordinal);
    private (string Symbol, string First, string Second) _example;
    private volatile string? _notice;

    /// <summary>What health reports, or null.</summary>
    public string? Notice => _notice;

    /// <summary>Looks at a tick that is sent.</summary>
    public void Look(in Tick tick)
    {
        if (tick.Venue is null || IsTapeCode(tick.Venue) || (_first.Count >= SymbolsMax && !_first.ContainsKey(tick.Symbol)))
            return;
        ref string? first = ref CollectionsMarshal.GetValueRefOrAddDefault(_first, tick.Symbol, out bool isKnown);
        if (!isKnown)
            first = tick.Venue;
        else if (!string.Equals(first, tick.Venue, StringComparison.Ordinal) && _met.Add(tick.Symbol))
            Meet(tick, first!);
    }

    /// <summary>The exchanges of one consolidated tape (N, Q, 11) quote one price for a symbol.</summary>
    private static bool IsTapeCode(string venue) => venue.Length <= 2 || venue.All(char.IsAsciiDigit);

    private void Meet(in Tick tick, string first)
    {
        if (_met.Count == 1)
        {
            _example = (tick.Symbol, LogText.Of(first), LogText.Of(tick.Venue!));
            Log.VenuesMeet(logger, tick.Symbol, LogText.Of(first), LogText.Of(tick.Venue!));
        }

        string more = _met.Count > 1 ? $", and {_met.Count - 1} more symbols come from several venues" : "";
        _notice = $"{_example.Symbol} comes from {_example.First} and from {_example.Second}, which share one price and one candle{more}; "
            + "Producer:SymbolFormat={venue}:{symbol} keeps them apart";
    }
}

/// <summary>Degraded while ticks of several venues share a symbol.</summary>
internal sealed class SymbolVenuesHealthCheck(SymbolVenues venues) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(venues.Notice is { } notice ? HealthCheckResult.Degraded(notice) : HealthCheckResult.Healthy());
}
