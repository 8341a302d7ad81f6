namespace Radar.Api.Http.Answers;

/// <summary>Takes what an answer costs by its items.</summary>
internal interface IItemCost
{
    /// <summary>Items that are in the cost of the request itself.</summary>
    const int Free = 100;

    /// <summary>To be called before the answer is written.</summary>
    void Charge(HttpContext context, int items);
}
