using Microsoft.AspNetCore.Routing;
using Radar.ServiceDefaults;

namespace Radar.Api.Http.Answers;

/// <summary>Routes that only read.</summary>
internal static class ReadRoutes
{
    /// <summary>Answers HEAD wherever GET is answered, by the same handler: the server sends the head of the answer and no body.</summary>
    public static T WithHead<T>(this T routes)
        where T : IEndpointConventionBuilder
    {
        routes.Add(static endpoint =>
        {
            var metadata = endpoint.Metadata;
            for (int i = 0; i < metadata.Count; i++)
            {
                if (metadata[i] is IHttpMethodMetadata)
                    metadata[i] = ReadOnlyRoutes.Methods;
            }
        });
        return routes;
    }
}
