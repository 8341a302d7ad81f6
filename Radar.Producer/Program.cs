using Radar.Producer;
using Radar.ServiceDefaults;

return await ServiceRunner.RunAsync(() => ProducerService.Build(args));
