using System.Xml.Linq;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Layout;

/// <summary>Which project may refer to which, and which folder. docs/architecture.md draws it.</summary>
public sealed class FloorsTests
{
    private static readonly string[] Services = ["Radar.Producer", "Radar.Consumer", "Radar.Api"];

    /// <summary>What each library and service may refer to.</summary>
    [Theory]
    [InlineData("Radar.Market")]
    [InlineData("Radar.Client")]
    [InlineData("Radar.ServiceDefaults", "Radar.Market")]
    [InlineData("Radar.Producer", "Radar.Market", "Radar.ServiceDefaults")]
    [InlineData("Radar.Consumer", "Radar.Market", "Radar.ServiceDefaults")]
    [InlineData("Radar.Api", "Radar.Market", "Radar.ServiceDefaults")]
    public void Project_refers_only_to_those_below_it(string project, params string[] below) =>
        Assert.Empty(ProjectReferences(project).Except(below));

    [Fact]
    public void Services_never_refer_to_each_other() =>
        Assert.All(Services, service => Assert.Empty(ProjectReferences(service).Intersect(Services)));

    [Theory]
    [InlineData(typeof(Radar.Api.ApiService))]
    [InlineData(typeof(Radar.Consumer.ConsumerService))]
    [InlineData(typeof(Radar.Market.Tick))]
    [InlineData(typeof(Radar.Producer.ProducerService))]
    [InlineData(typeof(Radar.ServiceDefaults.KafkaClients))]
    [InlineData(typeof(Radar.Client.RadarClient))]
    public void No_two_folders_of_a_project_are_on_a_circle(System.Type inProject)
    {
        var architecture = new ArchLoader().LoadAssemblies(inProject.Assembly).Build();
        string project = inProject.Assembly.GetName().Name!;
        var rule = SliceRuleDefinition.Slices().Matching($"{project}.(**)").Should().BeFreeOfCycles();

        var violations = rule.Evaluate(architecture).Where(result => !result.Passed).Select(result => result.Description);

        Assert.Empty(violations);
    }

    /// <summary>From the lowest to the highest.</summary>
    [Theory]
    [InlineData(typeof(Radar.Api.ApiService), "Access", "Faults", "Board", "Freshness", "DeadLetters", "Streaming", "Queries", "Http")]
    [InlineData(typeof(Radar.Consumer.ConsumerService), "Topics", "Partitions", "Polling")]
    [InlineData(typeof(Radar.Market.Tick), "Projection", "Store")]
    [InlineData(typeof(Radar.Producer.ProducerService), "Mapping", "Venues", "Live", "Replay")]
    public void Folder_refers_only_to_those_below_it(System.Type inProject, params string[] folders)
    {
        string project = inProject.Assembly.GetName().Name!;
        var architecture = new ArchLoader().LoadAssemblies(inProject.Assembly).Build();

        var upwards = architecture.Types
            .SelectMany(type => type.Dependencies.Select(dependency => (From: type.FullName, To: dependency.Target.FullName)))
            .Where(use => Floor(use.From) is >= 0 and var floor && Floor(use.To) > floor)
            .Select(use => $"{use.From} refers to {use.To}").Distinct().ToList();

        Assert.Empty(upwards);
        Assert.All(folders, folder => Assert.Contains(architecture.Types, type => Floor(type.FullName) == Array.IndexOf(folders, folder)));

        int Floor(string type) => type.StartsWith(project + ".", StringComparison.Ordinal)
            ? Array.IndexOf(folders, type[(project.Length + 1)..].Split('.')[0])
            : -1;
    }

    [Fact]
    public void Api_names_no_type_of_the_Redis_client()
    {
        var architecture = new ArchLoader().LoadAssemblies(typeof(Radar.Api.ApiService).Assembly).Build();

        var uses = architecture.Types
            .SelectMany(type => type.Dependencies.Select(dependency => (From: type.FullName, To: dependency.Target.FullName)))
            .Where(use => use.From.StartsWith("Radar.Api.", StringComparison.Ordinal)
                && use.To.StartsWith("StackExchange.Redis", StringComparison.Ordinal))
            .Distinct();

        Assert.Empty(uses);
    }

    private static IEnumerable<string> ProjectReferences(string project) =>
        XDocument.Load(Repository.File($"{project}/{project}.csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
}
