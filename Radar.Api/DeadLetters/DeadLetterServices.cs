using Microsoft.Extensions.Options;
using Radar.Api.Freshness;
using Radar.Market;

namespace Radar.Api.DeadLetters;

internal static class DeadLetterServices
{
    public const string TopicKey = "dead-letters";

    /// <summary>What was refused on the way, and why.</summary>
    public static void AddDeadLetters(this IServiceCollection services)
    {
        services.AddKeyedSingleton(TopicKey, static (provider, _) => ActivatorUtilities.CreateInstance<TopicEnds>(
            provider, provider.GetRequiredService<IOptions<KafkaOptions>>().Value.DeadLetters));
        services.AddSingleton<DeadLetterLog>();
        services.AddHostedService<DeadLetterMonitor>();
        services.AddHealthChecks().AddCheck<DeadLetterHealthCheck>("dead-letters");
    }
}
