using Radar.AppHost;
using Radar.Tests.Fixtures;

namespace Radar.Tests.EndToEnd;

/// <summary>An engine whose client answers, and that can or cannot run a container.</summary>
public sealed class ContainerEngineTests : IDisposable
{
    private readonly string _client = Path.Combine(Directory.CreateTempSubdirectory("radar-engine").FullName, "engine");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_client)!, recursive: true);

    [RequiresTheory(Need.Signals)]
    [InlineData("exit 0", null)]
    [InlineData("echo ignored >&2; echo 'Error: runtime is missing' >&2; exit 125", "Error: runtime is missing")]
    [InlineData("exit 3", "exit code 3")]
    public void Engine_that_cannot_run_the_image_says_why(string script, string? fault)
    {
        File.WriteAllText(_client, $"#!/bin/sh\n[ \"$*\" = 'run --rm --entrypoint true redis:8' ] || exit 9\n{script}\n");
        if (!OperatingSystem.IsWindows()) // where the test is skipped
            File.SetUnixFileMode(_client, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);

        Assert.Equal(fault, ContainerEngine.Fault(_client, "redis:8"));
    }
}
