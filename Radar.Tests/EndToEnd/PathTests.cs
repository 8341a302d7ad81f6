namespace Radar.Tests.EndToEnd;

public sealed class PathOnEmbeddedTests(EmbeddedAppHost shared) : PathContractTests(shared), IClassFixture<EmbeddedAppHost>;

public sealed class PathOnKafkaHomeTests(KafkaHomeAppHost shared) : PathContractTests(shared), IClassFixture<KafkaHomeAppHost>;

public sealed class PathOnContainersTests(ContainersAppHost shared) : PathContractTests(shared), IClassFixture<ContainersAppHost>;
