using System.Text.RegularExpressions;
using Radar.Tests.Fixtures;
using YamlDotNet.Serialization;

namespace Radar.Tests.Deploy;

/// <summary>The workflows, which run elsewhere only.</summary>
public sealed partial class WorkflowTests
{
    public static TheoryData<string> Workflows() =>
        [.. Directory.EnumerateFiles(Repository.File(".github/workflows")).Select(file => Path.GetFileName(file))];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Workflow_can_be_read_has_few_rights_and_runs_no_text_of_others(string name)
    {
        var workflow = Read(name);

        Assert.NotEmpty(Map(workflow["jobs"]));
        AssertFewRights(workflow, isWhole: true);
        foreach (var job in Map(workflow["jobs"]).Values.Select(Map))
        {
            AssertFewRights(job, isWhole: false);
            foreach (var step in Steps(job))
            {
                Assert.True(step.ContainsKey("uses") != step.ContainsKey("run"));
                if (step.TryGetValue("uses", out object? action))
                    Assert.Matches(@"^[\w-]+/[\w-]+@v\d+$", (string)action);
                else
                    Assert.DoesNotContain("${{", (string)step["run"], StringComparison.Ordinal); // in the environment it stays a text
            }
        }
    }

    [Fact]
    public void Release_builds_an_image_of_each_target_of_the_Dockerfile()
    {
        var images = Map(Map(Read("release.yml")["jobs"])["images"]);
        string dockerfile = File.ReadAllText(Repository.File("Dockerfile"));

        var services = (List<object>)Map(Map(images["strategy"])["matrix"])["service"];
        Assert.Equal(Target().Matches(dockerfile).Select(match => match.Groups[1].Value), services.Cast<string>());
        var build = Steps(images).Single(step => step.GetValueOrDefault("id") is "build");
        string[] given = [.. BuildArgument().Matches((string)Map(build["with"])["build-args"]).Select(match => match.Groups[1].Value)];
        Assert.Equal(["VERSION", "REVISION", "SOURCE"], given);
        Assert.All(given, name => Assert.Contains($"ARG {name}=", dockerfile, StringComparison.Ordinal));
    }

    [Fact]
    public void Workflow_that_calls_another_is_in_another_concurrency_group()
    {
        foreach (string caller in Directory.EnumerateFiles(Repository.File(".github/workflows")))
        {
            var workflow = Read(Path.GetFileName(caller));
            foreach (var job in Map(workflow["jobs"]).Values.Select(Map).Where(job => job.ContainsKey("uses")))
            {
                var called = Read(Path.GetFileName((string)job["uses"]));
                Assert.NotEqual(Group(workflow), Group(called));
            }
        }

        // As the runner has it: in a called workflow, the context is the caller's.
        static string Group(Dictionary<object, object> workflow) =>
            ((string)Map(workflow["concurrency"])["group"]).Replace("${{ github.workflow }}", "release", StringComparison.Ordinal);
    }

    private static void AssertFewRights(Dictionary<object, object> owner, bool isWhole)
    {
        if (!owner.TryGetValue("permissions", out object? given))
        {
            Assert.False(isWhole, "Without permissions a workflow has those of the repository's settings.");
            return;
        }

        foreach (var (right, level) in Map(given))
            Assert.True((string)level == "read" || !isWhole, $"{right}: {level} is for the job that needs it.");
    }

    private static Dictionary<object, object> Read(string name) => new DeserializerBuilder().Build()
        .Deserialize<Dictionary<object, object>>(File.ReadAllText(Repository.File(Path.Combine(".github", "workflows", name))));

    private static IEnumerable<Dictionary<object, object>> Steps(Dictionary<object, object> job) =>
        job.TryGetValue("steps", out object? steps) ? ((List<object>)steps).Select(Map) : [];

    private static Dictionary<object, object> Map(object node) => (Dictionary<object, object>)node;

    [GeneratedRegex(@"^FROM runtime AS (\w+)", RegexOptions.Multiline)]
    private static partial Regex Target();

    [GeneratedRegex(@"^(\w+)=", RegexOptions.Multiline)]
    private static partial Regex BuildArgument();
}
