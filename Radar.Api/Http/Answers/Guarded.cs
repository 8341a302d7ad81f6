namespace Radar.Api.Http.Answers;

/// <summary>What a guard found: a value with which the request goes on, or the answer that ends it (a problem, or 304).</summary>
/// <param name="Value">Valid only where <paramref name="Answer"/> is null.</param>
/// <param name="Answer">Null where the request goes on.</param>
internal readonly record struct Guarded<T>(T Value, IResult? Answer)
{
    public static implicit operator Guarded<T>(T value) => new(value, null);

    public static implicit operator Guarded<T>(ProblemResult problem) => new(default!, problem);

    public static implicit operator Guarded<T>(NotModified answer) => new(default!, answer);
}

/// <summary>Answers that the client's copy is still right.</summary>
internal sealed class NotModified(string tag) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext)
    {
        Answer.Stamp(httpContext.Response, tag);
        httpContext.Response.StatusCode = StatusCodes.Status304NotModified;
        return Task.CompletedTask;
    }
}
