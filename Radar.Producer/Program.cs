using Radar.Producer;
using Radar.Producer.Look;
using Radar.ServiceDefaults;

return args is ["look", .. var rest]
    ? await ServiceRunner.GuardAsync(() => Task.FromResult(LookCommand.Run(rest, Console.Out)))
    : await ServiceRunner.RunAsync(() => ProducerService.Build(args));
