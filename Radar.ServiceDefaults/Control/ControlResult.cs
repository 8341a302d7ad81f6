namespace Radar.ServiceDefaults.Control;

/// <summary>What a control endpoint answers, as JSON <c>{"ok","message","markdown"}</c>.</summary>
/// <param name="Ok">False where everything ran, but what was found is not as it should be.</param>
/// <param name="Message">One sentence.</param>
/// <param name="Markdown">The details; null where there are none.</param>
public sealed record ControlResult(bool Ok, string Message, string? Markdown = null);

/// <summary>A request that cannot be carried out; answered as <c>application/problem+json</c>.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="message">What is wrong and what to do about it.</param>
public sealed class ControlException(int status, string message) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Status => status;
}
