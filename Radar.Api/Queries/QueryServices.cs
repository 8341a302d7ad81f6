namespace Radar.Api.Queries;

internal static class QueryServices
{
    /// <summary>Reads of the board and of Redis.</summary>
    public static void AddQueries(this IServiceCollection services)
    {
        services.AddSingleton<RequestDeadline>();
        services.AddSingleton<RedisSpan>();
        services.AddSingleton<SymbolReads>();
        services.AddSingleton<BoardReads>();
    }
}
