using Radar.Producer;
using Radar.Producer.Look;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Operations;

return args switch
{
    ["look", .. var rest] => await ServiceRunner.GuardAsync(() => Task.FromResult(LookCommand.Run(rest, Console.Out))),
    [HealthCommand.Name, .. var rest] => await HealthCommand.RunAsync(rest, Console.Out, Console.Error),
    _ => await ServiceRunner.RunAsync(() => ProducerService.Build(args)),
};
