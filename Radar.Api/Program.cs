using Radar.Api;
using Radar.ServiceDefaults;

return await ServiceRunner.RunAsync(() => ApiService.Build(args));
