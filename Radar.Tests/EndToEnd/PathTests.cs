namespace Radar.Tests.EndToEnd;

[Collection(OneAppHostAtATime.Name)]
public sealed class PathOnEmbeddedTests(EmbeddedAppHost shared) : PathContractTests(shared), IClassFixture<EmbeddedAppHost>;

[Collection(OneAppHostAtATime.Name)]
public sealed class PathOnKafkaHomeTests(KafkaHomeAppHost shared) : PathContractTests(shared), IClassFixture<KafkaHomeAppHost>;

[Collection(OneAppHostAtATime.Name)]
public sealed class PathOnContainersTests(ContainersAppHost shared) : PathContractTests(shared), IClassFixture<ContainersAppHost>;

/// <summary>An AppHost is ten processes that start at once; two beside each other would take as long, and time out sooner.</summary>
[CollectionDefinition(Name)]
public sealed class OneAppHostAtATime
{
    public const string Name = "AppHost";
}
