using System.ComponentModel;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Radar.Tests.Fixtures;

/// <summary>
/// A test of a contract, which several classes keep, each on other servers: it is skipped where something is missing that
/// <see cref="RequiresAttribute"/> names at the class or at one of its class fixtures.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Radar.Tests.Fixtures.ContractFactDiscoverer", "Radar.Tests")]
internal sealed class ContractFactAttribute : FactAttribute;

/// <inheritdoc cref="ContractFactAttribute"/>
/// <remarks>Its cases are of types that xunit can serialize, so that each is a test of its own.</remarks>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Radar.Tests.Fixtures.ContractTheoryDiscoverer", "Radar.Tests")]
internal sealed class ContractTheoryAttribute : TheoryAttribute;

/// <summary>Named by <see cref="ContractFactAttribute"/>.</summary>
internal sealed class ContractFactDiscoverer(IMessageSink sink) : FactDiscoverer(sink)
{
    protected override IXunitTestCase CreateTestCase(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        new ContractTestCase(
            DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod);
}

/// <summary>Named by <see cref="ContractTheoryAttribute"/>.</summary>
internal sealed class ContractTheoryDiscoverer(IMessageSink sink) : TheoryDiscoverer(sink)
{
    protected override IEnumerable<IXunitTestCase> CreateTestCasesForDataRow(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute, object[] dataRow) =>
    [
        new ContractTestCase(
            DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod,
            dataRow),
    ];

    protected override IEnumerable<IXunitTestCase> CreateTestCasesForTheory(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
    [
        new ExecutionErrorTestCase(
            DiagnosticMessageSink, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod,
            "A contract's cases must be of types that xunit can serialize."),
    ];
}

/// <summary>One case, which is skipped by what its class says when it is run.</summary>
internal sealed class ContractTestCase : XunitTestCase
{
    [EditorBrowsable(EditorBrowsableState.Never)]
    [Obsolete("For deserialization")]
    public ContractTestCase()
    {
    }

    public ContractTestCase(
        IMessageSink sink, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method, object[]? arguments = null)
        : base(sink, display, options, method, arguments)
    {
    }

    public override Task<RunSummary> RunAsync(
        IMessageSink diagnosticMessageSink, IMessageBus messageBus, object[] constructorArguments, ExceptionAggregator aggregator,
        CancellationTokenSource cancellationTokenSource)
    {
        var test = TestMethod.TestClass.Class.ToRuntimeType();
        var fixtures = test.GetInterfaces().Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IClassFixture<>));
        SkipReason ??= fixtures.Select(fixture => fixture.GenericTypeArguments[0]).Prepend(test)
            .Select(Requirement.MissingFor).FirstOrDefault(missing => missing is not null);
        return base.RunAsync(diagnosticMessageSink, messageBus, constructorArguments, aggregator, cancellationTokenSource);
    }
}
