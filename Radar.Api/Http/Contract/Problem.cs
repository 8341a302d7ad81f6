using System.ComponentModel;
using System.Text.Json.Serialization;

namespace Radar.Api.Http.Contract;

[Description("An error (RFC 9457).")]
internal sealed record Problem(
    [property: Description("The status in words.")] string Title,
    [property: Description("HTTP status.")] int Status,
    [property: Description("What happened and what to do about it.")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Detail = null,
    [property: Description("The offending parameter, where there is one.")]
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Parameter = null);
