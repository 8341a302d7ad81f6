using System.IO.Compression;
using System.Text;
using Radar.ServiceDefaults;

namespace Radar.Tests.Producer.Replay;

/// <summary>Zips as people make them.</summary>
public sealed class ReplayArchiveTests
{
    private const string Trades = "symbol,price,timestamp\nA,1,1723161255342\n";

    [Fact]
    public async Task Named_zip_may_hold_a_read_me_and_what_an_operating_system_adds()
    {
        using var run = new ReplayRun();
        string path = run.Write("trades.zip", Zip(
            ("trades.csv", Trades), ("README.txt", "prose\n"), ("__MACOSX/._trades.csv", "\0\u0005\u0016\u0007Mac OS X"),
            (".DS_Store", "\0\0\0\u0001Bud1"),
            ("deep/.hidden/x.csv", Trades)));

        Assert.Single(await run.ReadAllAsync([path]));
        string line = Assert.Single(run.Log.Lines, entry => entry.Contains("is left out", StringComparison.Ordinal));
        Assert.Contains("trades.zip!README.txt", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Named_zip_with_nothing_that_can_be_replayed_stops_the_start_even_where_other_files_can()
    {
        using var run = new ReplayRun();
        string zip = run.Write("prose.zip", Zip(("a.txt", "prose\n"), ("b.txt", "more prose\n")));

        var error = Assert.Throws<ConfigurationException>(() => run.Open(run.Write("trades.csv", Trades), zip));

        Assert.Contains("prose.zip", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Named_zip_that_is_empty_stops_the_start()
    {
        using var run = new ReplayRun();

        var error = Assert.Throws<ConfigurationException>(() => run.Open(run.Write("trades.csv", Trades), run.Write("none.zip", Zip())));

        Assert.Contains("none.zip", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_of_one_name_are_both_read()
    {
        using var run = new ReplayRun();

        var ticks = await run.ReadAllAsync(
            [run.Write("twice.zip", Zip(("a.csv", Trades), ("a.csv", Trades.Replace("A,", "B,", StringComparison.Ordinal))))]);

        Assert.Equal(["A", "B"], ticks.Select(tick => tick.Symbol).Order());
    }

    [Fact]
    public async Task Entry_that_cannot_be_unpacked_is_left_out_and_logged_and_the_others_are_read()
    {
        using var run = new ReplayRun();
        byte[] zip = Zip(("a.csv", Trades), ("b.csv", Trades));
        Patch(zip, "PK\u0003\u0004", 8); // compression method 97, which nobody here knows
        Patch(zip, "PK\u0001\u0002", 10);

        Assert.Single(await run.ReadAllAsync([run.Write("odd.zip", zip)]));
        Assert.Contains(run.Log.Lines, line => line.StartsWith("Warning", StringComparison.Ordinal)
            && line.Contains("odd.zip!a.csv", StringComparison.Ordinal));
    }

    private static void Patch(byte[] zip, string signature, int at) =>
        zip[zip.AsSpan().IndexOf(Encoding.Latin1.GetBytes(signature)) + at] = 97;

    private static byte[] Zip(params (string Name, string Text)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, true))
        {
            foreach (var (name, text) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        }

        return stream.ToArray();
    }
}
