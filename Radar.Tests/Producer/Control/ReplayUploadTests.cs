using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Producer.Control;

public sealed class ReplayUploadTests : IAsyncLifetime
{
    private const string Csv = "symbol,price,timestamp\nAAA,1,1700000000000\nBBB,2,1700000001000\nAAA,3,1700000002000\n";

    private readonly ProducerHost _kafka = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _kafka.DisposeAsync();

    [Theory]
    [InlineData("Producer:Source=none")]
    [InlineData("Producer:Source=synthetic")]
    public async Task Uploaded_recording_is_sent_whatever_the_producers_own_source_is(string source)
    {
        using var client = await StartAsync(source, "Producer:Synthetic:Count=5");
        string[] before = Directories();

        var (status, result) = await UploadAsync(client, "trades.csv.gz", Gzip(Csv));

        Assert.True(status == 200 && (bool)result["ok"]!, result.ToJsonString());
        Assert.Equal("trades.csv.gz: 3 ticks sent.", (string?)result["message"]);
        var ticks = await _kafka.ConsumeAsync(source.EndsWith("none", StringComparison.Ordinal) ? 3 : 8);
        Assert.Equal([1, 3], ticks.Where(tick => tick.Tick.Symbol == "AAA").Select(tick => tick.Tick.Price));
        Assert.Equal(2, Assert.Single(ticks, tick => tick.Tick.Symbol == "BBB").Tick.Price);
        await Wait.UntilAsync(
            () => Directories().Except(before).All(other => !File.Exists(Path.Combine(other, "trades.csv.gz"))), "the upload is deleted");
    }

    [Theory]
    [InlineData("notes.txt", "no trades at all", "its format is not recognised")]
    [InlineData("empty.csv", "", "empty.csv is empty")]
    [InlineData("", "symbol,price,timestamp", "name is missing")]
    [InlineData("..", "symbol,price,timestamp", "name is missing")]
    public async Task Upload_that_is_no_recording_is_refused_with_its_name_and_without_a_path(string name, string content, string named)
    {
        using var client = await StartAsync("Producer:Source=none");

        var (status, problem) = await UploadAsync(client, name, Encoding.UTF8.GetBytes(content));

        Assert.Equal(400, status);
        Assert.Contains(named, (string)problem["detail"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("radar-replay-", (string)problem["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_recording_is_replayed_at_a_time_and_a_stop_ends_it()
    {
        var host = _kafka.Build("Producer:Source=none", ControlCalls.Setting[2..]);
        await host.StartAsync();
        using var client = ControlCalls.Client(host);
        string slow = "symbol,price,timestamp\nAAA,1,1700000000000\nAAA,2,1800000000000\n"; // three years at the recorded pace

        var first = await UploadAsync(client, "slow.csv", Encoding.UTF8.GetBytes(slow), "&speed=1");
        var second = await UploadAsync(client, "next.csv", Encoding.UTF8.GetBytes(Csv));
        await host.StopAsync();

        Assert.Equal("Replaying slow.csv.", (string?)first.Body["message"]);
        Assert.Equal(409, second.Status);
        Assert.Contains("slow.csv is being replayed: 1 ticks so far", (string)second.Body["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Next_upload_has_its_turn_after_one_that_failed()
    {
        using var client = await StartAsync("Producer:Source=none");

        await UploadAsync(client, "notes.txt", "no trades at all"u8.ToArray());
        var (status, _) = await UploadAsync(client, "trades.csv", Encoding.UTF8.GetBytes(Csv));

        Assert.Equal(200, status);
    }

    private async Task<HttpClient> StartAsync(params string[] settings)
    {
        WebApplication host = _kafka.Build([.. settings, ControlCalls.Setting[2..]]);
        await host.StartAsync();
        return ControlCalls.Client(host);
    }

    private static async Task<(int Status, JsonObject Body)> UploadAsync(HttpClient client, string name, byte[] content, string more = "")
    {
        using var body = new ByteArrayContent(content);
        return await ControlCalls.PostAsync(client, $"/control/replay?name={Uri.EscapeDataString(name)}{more}", body);
    }

    private static byte[] Gzip(string text)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionMode.Compress))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    private static string[] Directories() => Directory.GetDirectories(Path.GetTempPath(), "radar-replay-*");
}
