using System.Runtime.InteropServices;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Operations;
using Radar.Standalone;
using Radar.Standalone.Infrastructure;

if (args is [HealthCommand.Name, .. var rest])
    return await HealthCommand.RunAsync(rest, Console.Out, Console.Error);
var (options, exitCode) = StandaloneCommand.Read(args, Console.Out, Console.Error);
if (options is null)
    return exitCode;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop); // the terminal was closed
return await ServiceRunner.GuardAsync(async () =>
{
    try
    {
        await using var infrastructure = await RunningInfrastructure.StartAsync(options, stop.Token);
        if (options.InfrastructureOnly)
        {
            await using var control = await InfrastructureControl.StartAsync(options, infrastructure, stop.Token);
            await Announcement.InfrastructureAsync(infrastructure);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }

        await using var services = RunningServices.Build(options, infrastructure.Settings);
        await services.StartAsync(stop.Token);
        var announced = Announcement.PathAsync(options, infrastructure, services.ApiUrls, stop.Token);
        int exitCode = await services.RunAsync(stop.Token);
        await stop.CancelAsync();
        await announced;
        return exitCode;
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        return 0;
    }
});

void Stop(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}
