using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Radar.ServiceDefaults.Control;

/// <summary>Settings of the control endpoints; section <c>Control</c>.</summary>
public sealed class ControlOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Control";

    private const string KeyTooShort =
        "Control:Key needs at least 32 characters. Make one with `openssl rand -hex 32`, or leave it out: there are no control endpoints "
        + "then.";

    /// <summary>
    /// What a caller of <c>/control/…</c> has to know. Null: there are no such endpoints. For development; the AppHost makes one per run.
    /// </summary>
    [MinLength(32, ErrorMessage = KeyTooShort)]
    public string? Key { get; set; }
}

/// <summary>Checks <see cref="ControlOptions"/> at start.</summary>
[OptionsValidator]
public sealed partial class ControlOptionsValidator : IValidateOptions<ControlOptions>;
