using Radar.Api;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Operations;

return args switch
{
    ["keys", .. var rest] => await KeysCommand.RunAsync(rest, Console.Out, Console.Error),
    [HealthCommand.Name, .. var rest] => await HealthCommand.RunAsync(rest, Console.Out, Console.Error),
    _ => await ServiceRunner.RunAsync(() => ApiService.Build(args)),
};
