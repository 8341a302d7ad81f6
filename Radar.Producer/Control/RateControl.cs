using System.Globalization;
using Radar.Producer.Synthetic;
using Radar.ServiceDefaults.Control;

namespace Radar.Producer.Control;

/// <summary><c>POST /control/rate</c>: another rate of the synthetic source, for a while or until the next.</summary>
internal static class RateControl
{
    private const double RateMax = 100_000_000;
    private const int SecondsMax = 86_400;

    public static ControlResult Set(RateRequest request, ITickSource? source)
    {
        if (source is not SyntheticTickSource { Rate: var rate } synthetic)
        {
            throw new ControlException(
                StatusCodes.Status409Conflict,
                $"The source of this producer is {source?.Description ?? "another topic"}; only the synthetic source has a rate "
                    + $"(Producer:Source=synthetic).");
        }

        if (synthetic.HasEnded)
            throw new ControlException(StatusCodes.Status409Conflict,
                "The synthetic source has ended (Producer:Synthetic:Count); restart the producer.");
        if (request.Seconds is < 0 or > SecondsMax)
            throw Bad($"seconds {Number(request.Seconds.Value)}: a number from 1 to {SecondsMax}, or 0 for no end.");
        double before = rate.PerSecond;
        double wanted = Wanted(request, rate);
        TimeSpan? duration = request.Seconds is > 0 and var seconds ? TimeSpan.FromSeconds(seconds) : null;
        if (wanted == rate.Configured)
            rate.Reset();
        else
            rate.Set(wanted, duration);

        string until = wanted == rate.Configured ? "as configured"
            : duration is { } limited ? $"for {Number(limited.TotalSeconds)} s, then {Text(rate.Configured)} again"
            : "until it is set again or the producer restarts";
        return new ControlResult(
            true,
            $"{Text(wanted)}, {until}.",
            $"""
            | | ticks per second |
            |---|---|
            | before | {Text(before)} |
            | **now** | **{Text(wanted)}** ({until}) |
            | configured | {Text(rate.Configured)} |
            """);
    }

    private static double Wanted(RateRequest request, SyntheticRate rate) => request switch
    {
        { Rate: not null, Factor: not null } => throw Bad("rate and factor are both given; give one of them."),
        { Rate: >= 0 and <= RateMax and var wanted } => wanted,
        { Rate: { } wanted } => throw Bad($"rate {Number(wanted)}: a number from 0 (as fast as possible) to {Number(RateMax)}."),
        { Factor: 1 } => rate.Configured,
        { Factor: not null } when rate.Configured == 0 => throw new ControlException(
            StatusCodes.Status409Conflict, "The configured rate is as fast as possible, which has no multiple; give a rate."),
        { Factor: > 0 and var factor } when factor * rate.Configured <= RateMax => factor * rate.Configured,
        { Factor: { } factor } => throw Bad(
            $"factor {Number(factor)}: a number above 0, so that factor × {Number(rate.Configured)} is at most {Number(RateMax)}."),
        _ => throw Bad("rate (ticks per second) or factor (of the configured rate) is missing."),
    };

    private static ControlException Bad(string message) => new(StatusCodes.Status400BadRequest, message);

    private static string Text(double perSecond) => perSecond > 0 ? $"{Number(perSecond)} ticks/s" : "as fast as possible";

    private static string Number(double number) => number.ToString("0.###", CultureInfo.InvariantCulture);
}

/// <summary>One of <see cref="Rate"/> and <see cref="Factor"/>.</summary>
/// <param name="Rate">Ticks per second; 0 is as fast as possible.</param>
/// <param name="Factor">Multiple of the configured rate; 1 goes back to it.</param>
/// <param name="Seconds">How long; null and 0 are until it is set again.</param>
internal sealed record RateRequest(double? Rate = null, double? Factor = null, double? Seconds = null);
