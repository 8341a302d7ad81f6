using System.Diagnostics;

namespace Radar.Api.Http.Answers;

/// <summary>
/// The header <c>traceresponse</c> of W3C Trace Context Level 2: the span of the answer itself, so that a client can find its trace.
/// </summary>
internal static class TraceResponse
{
    public const string Header = "traceresponse";

    /// <summary>Sets it where the request is recorded; all others cost a look.</summary>
    public static void Set(HttpResponse response)
    {
        if (Activity.Current is { Recorded: true, Kind: ActivityKind.Server, IdFormat: ActivityIdFormat.W3C } request)
            response.Headers[Header] = request.Id; // 00-<trace id>-<span id>-<flags>, which is the header's form as well
    }
}
