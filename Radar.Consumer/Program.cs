using Radar.Consumer;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Operations;

return args is [HealthCommand.Name, .. var rest]
    ? await HealthCommand.RunAsync(rest, Console.Out, Console.Error)
    : await ServiceRunner.RunAsync(() => ConsumerService.Build(args));
