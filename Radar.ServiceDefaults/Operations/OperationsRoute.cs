using Microsoft.AspNetCore.Http;

namespace Radar.ServiceDefaults.Operations;

/// <summary>What a service answers on its operations port beside health and metrics; registered as a service.</summary>
/// <param name="Path">Its path; GET and HEAD.</param>
/// <param name="Answer">The answer. The request's services are those of the service.</param>
public sealed record OperationsRoute(string Path, RequestDelegate Answer);
