namespace Radar.Tests.Fixtures;

/// <summary>What the tests of a class need, or all that use a fixture; see <see cref="ContractFactAttribute"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class RequiresAttribute(params Need[] needs) : Attribute
{
    public IReadOnlyList<Need> Needs { get; } = needs;
}

/// <summary>A test that is skipped where something is missing that it needs.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresFactAttribute : FactAttribute
{
    public RequiresFactAttribute(params Need[] needs) => Skip = Requirement.Missing(needs);
}

/// <inheritdoc cref="RequiresFactAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RequiresTheoryAttribute : TheoryAttribute
{
    public RequiresTheoryAttribute(params Need[] needs) => Skip = Requirement.Missing(needs);
}
