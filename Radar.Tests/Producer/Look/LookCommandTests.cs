using Microsoft.Extensions.Options;
using Radar.Producer.Look;
using Radar.ServiceDefaults;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Look;

public sealed class LookCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("radar-look").FullName;

    [Fact]
    public void File_that_would_be_read_shows_its_format_columns_ticks_and_what_is_left_out()
    {
        string path = Write(
            "a.csv", "Ticker;Px;Size (BTC);Time;note\nA;1,5;0,25;2024-03-01 00:00:00;x\nA;none;1;2024-03-01 00:00:00;x\n");

        var (exitCode, text) = Look(path);

        Assert.Equal(0, exitCode);
        foreach (string line in new[]
        {
            path, "  format      CSV with ';'", "  symbol      Ticker", "  price       Px", "  size        Size (BTC)",
            "  time        Time", "  not read    'note'", "  warning     no column is known to hold the side",
            """  tick        2024-03-01T00:00:00.000Z {"symbol":"A","price":1.5,"timestamp":1709251200000,"size":0.25}""",
            "  ticks       1 in", "  left out    1 lines that cannot be read", "line 3: no price greater than 0",
        })
            Assert.Contains(line, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("bars.csv", "symbol,time,open,high,low,close\nA,1709251200000,1,1,1,1\n", "it holds candles")]
    [InlineData("prose.txt", "just some words\nof prose\n", "its format is not recognised")]
    [InlineData("broken.csv", "symbol,time,price\nA,never,1\n", "line 2: no time that can be read")]
    [InlineData("empty.csv", "", "it is empty")]
    public void Exit_code_is_1_where_nothing_would_be_read(string name, string content, string reason)
    {
        var (exitCode, text) = Look(Write(name, content));

        Assert.Equal(LookCommand.NothingToRead, exitCode);
        Assert.Contains(reason, text, StringComparison.Ordinal);
        Assert.Contains("Nothing of this would be read.", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Folder_is_read_where_one_of_its_files_is_and_settings_apply()
    {
        Write("a/trades.csv", "a,b,c\nA,1709251200000,1\n");
        Write("a/README.md", "# prose\n");

        Assert.Equal(LookCommand.NothingToRead, Look(Path.Combine(_folder, "a")).ExitCode);
        Assert.Equal(0, Look(Path.Combine(_folder, "a"), "--Producer:Replay:Columns:Symbol=a", "--Producer:Replay:Columns:Timestamp=b",
            "--Producer:Replay:Columns:Price=c").ExitCode);
    }

    [Fact]
    public void Wrong_settings_and_missing_files_are_named()
    {
        string path = Write("a.csv", "symbol,time,price\nA,1709251200000,1\n");

        var wrong = Assert.Throws<OptionsValidationException>(() => Look(path, "--Producer:Replay:Preset=nobody"));
        Assert.Contains("Producer:Replay:Preset", Assert.Single(wrong.Failures), StringComparison.Ordinal);
        Assert.Contains("does not exist", Assert.Throws<ConfigurationException>(() => Look(path + "x")).Message, StringComparison.Ordinal);
        Assert.Contains("look FILE", Assert.Throws<ConfigurationException>(() => Look()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Program_looks_and_ends_with_the_exit_code()
    {
        string good = Write("a.csv", "symbol,time,price\nA,1709251200000,1\n");
        using var looks = new ServiceProcess("Radar.Producer", "look", good);
        using var finds = new ServiceProcess("Radar.Producer", "look", Write("b.txt", "prose\n"));
        using var fails = new ServiceProcess("Radar.Producer", "look", good, "--Producer:Replay:Colums:Price=x");

        Assert.Equal(0, await looks.ExitCodeAsync());
        Assert.Contains("ticks       1 in", looks.Output, StringComparison.Ordinal);
        Assert.Equal(LookCommand.NothingToRead, await finds.ExitCodeAsync());
        Assert.Equal(ServiceRunner.ConfigurationError, await fails.ExitCodeAsync());
        Assert.Contains("'Colums'", fails.Output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, true);

    private static (int ExitCode, string Text) Look(params string[] arguments)
    {
        using var output = new StringWriter();
        return (LookCommand.Run(arguments, output), output.ToString());
    }

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
        return path;
    }
}
