using Radar.Api;
using Radar.ServiceDefaults;

return args is ["keys", .. var rest]
    ? await KeysCommand.RunAsync(rest, Console.Out, Console.Error)
    : await ServiceRunner.RunAsync(() => ApiService.Build(args));
