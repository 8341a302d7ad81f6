namespace Radar.Api.Http.Answers;

/// <summary>What a caller may ask, for the floors below that which has the limits.</summary>
internal interface IRequestLimit
{
    /// <summary>Items that are in the cost of the request itself.</summary>
    const int Free = 100;

    /// <summary>Lets a request go on, or answers it with 429.</summary>
    Task LimitAsync(HttpContext context, RequestDelegate next);

    /// <summary>Takes what an answer costs by its items; to be called before it is written.</summary>
    void Charge(HttpContext context, int items);

    /// <summary>Says again what the caller has left, where an answer is begun anew.</summary>
    void Repeat(HttpContext context);
}
