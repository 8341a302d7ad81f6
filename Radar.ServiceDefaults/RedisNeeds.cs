using Radar.Market;

namespace Radar.ServiceDefaults;

/// <summary>Which rights a service needs, for <see cref="RedisServerWatch"/>; registered by a service whose user may lack one.</summary>
/// <param name="FindMissingAsync">Tries them without any effect, and returns those that are missing; null where none is.</param>
public sealed record RedisNeeds(Func<Task<Explanation?>> FindMissingAsync);
