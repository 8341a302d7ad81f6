using Radar.Consumer;
using Radar.ServiceDefaults;

return await ServiceRunner.RunAsync(() => ConsumerService.Build(args));
