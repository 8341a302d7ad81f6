using Xunit.Abstractions;
using Xunit.Sdk;

[assembly: TestCollectionOrderer(Radar.Tests.Fixtures.SharedServersFirst.Type, Radar.Tests.Fixtures.RunOrder.Assembly)]

namespace Radar.Tests.Fixtures;

/// <summary>When a test of a class with <see cref="RunOrder"/> runs: the lower the earlier, 0 without this attribute.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RunsAttribute(int order) : Attribute
{
    public int Order { get; } = order;
}

/// <summary>Runs the tests of a class by <see cref="RunsAttribute"/>, and those of equal order by name.</summary>
public sealed class RunOrder : ITestCaseOrderer
{
    public const string Type = "Radar.Tests.Fixtures." + nameof(RunOrder);
    public const string Assembly = "Radar.Tests";

    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase =>
        testCases.OrderBy(Order).ThenBy(test => test.DisplayName, StringComparer.Ordinal);

    private static int Order<TTestCase>(TTestCase test)
        where TTestCase : ITestCase =>
        test.TestMethod.Method.GetCustomAttributes(typeof(RunsAttribute).AssemblyQualifiedName).FirstOrDefault() is { } runs
            ? runs.GetConstructorArguments().Cast<int>().Single()
            : 0;
}

/// <summary>Begins with the tests that share a server: they run one after the other, and would be what all wait for at the end.</summary>
public sealed class SharedServersFirst : ITestCollectionOrderer
{
    public const string Type = "Radar.Tests.Fixtures." + nameof(SharedServersFirst);

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(collection => collection.CollectionDefinition is null);
}
