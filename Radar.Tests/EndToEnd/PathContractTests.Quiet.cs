using Radar.Tests.Fixtures;

namespace Radar.Tests.EndToEnd;

// What is logged when nothing is wrong. So that every warning means something.
public abstract partial class PathContractTests
{
    [ContractFact]
    [Runs(Last)]
    public async Task Healthy_start_and_stop_log_nothing_at_Warning_or_above()
    {
        _ = Host;
        Complaints.AssertNone([.. shared.ComplaintsOfStart, .. await shared.StopAsync()]);
    }

    /// <summary>After all tests that need the AppHost.</summary>
    protected const int Last = 10;
}
