using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Replay;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Replay;

/// <summary>Replays files through the real source, and keeps what it said.</summary>
internal sealed class ReplayRun : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<ReplayTickSource> _sources = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("radar-replay").FullName;

    public ReplayRun()
    {
        Metrics = new ProducerMetrics(_services.GetRequiredService<IMeterFactory>(), Options.Create(new KafkaOptions()));
        Producer.Replay.Speed = 0;
    }

    public ProducerOptions Producer { get; } = new() { Source = "replay" };

    public ProducerMetrics Metrics { get; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public LinesLogger<ReplayTickSource> Log { get; } = new();

    /// <summary>Writes a file into this run's folder and returns its path.</summary>
    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] content)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Folder => _folder;

    public ReplayTickSource Open(params string[] paths)
    {
        foreach (string path in paths)
            Producer.Replay.Paths.Add(path);
        var source = new ReplayTickSource(Options.Create(Producer), Metrics, Time, Log);
        _sources.Add(source);
        source.Open();
        return source;
    }

    /// <summary>Everything, up to <paramref name="max"/> ticks.</summary>
    public async Task<List<Tick>> ReadAllAsync(string[] paths, int max = int.MaxValue)
    {
        var source = Open(paths);
        var all = new List<Tick>();
        var ticks = new Tick[512];
        while (all.Count < max && await source.ReadAsync(ticks, default) is > 0 and var count)
            all.AddRange(ticks.AsSpan(0, count));
        return all;
    }

    public Task<List<Tick>> ReadTextAsync(string text, string name = "ticks.txt") => ReadAllAsync([Write(name, text)]);

    public void Dispose()
    {
        foreach (var source in _sources)
            source.Dispose();
        _services.Dispose();
        Directory.Delete(_folder, true);
    }
}
