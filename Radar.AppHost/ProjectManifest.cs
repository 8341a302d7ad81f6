using Aspire.Hosting.Publishing;

namespace Radar.AppHost;

/// <summary>Replicas of a project, run and published alike.</summary>
internal static class ProjectManifest
{
    /// <summary>
    /// Runs <paramref name="replicas"/> processes, and writes the number into the manifest, which Aspire's own writer leaves out.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithPublishedReplicas(this IResourceBuilder<ProjectResource> project, int replicas) =>
        project.WithReplicas(replicas).WithManifestPublishingCallback(async context =>
        {
            context.Writer.WriteString("type", "project.v0");
            context.Writer.WriteString("path", context.GetManifestRelativePath(project.Resource.GetProjectMetadata().ProjectPath));
            context.Writer.WriteNumber("replicas", replicas);
            await context.WriteCommandLineArgumentsAsync(project.Resource);
            await context.WriteEnvironmentVariablesAsync(project.Resource);
            context.WriteBindings(project.Resource);
        });
}
