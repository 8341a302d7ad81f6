using Radar.Api;
using Radar.Standalone.Infrastructure;

namespace Radar.Tests.Api;

/// <summary>Keys from the command line.</summary>
public sealed class KeysCommandTests : IDisposable
{
    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();

    public void Dispose() => _redis.Dispose();

    [Fact]
    public async Task Key_is_made_listed_rotated_retired_and_revoked()
    {
        var (code, made) = await RunAsync("create", "--name", "charts", "--scopes=market.read,market.stream", "--symbols", "btc*",
            "--expires-in-days", "30");
        Assert.Equal(0, code);
        Assert.Contains("charts  market.read,market.stream  symbols BTC*  until ", made, StringComparison.Ordinal);
        string id = made[..12], secret = made.Split('\n')[1].Split(' ')[0];
        Assert.StartsWith($"rk_{id}_", secret, StringComparison.Ordinal);

        var (_, listed) = await RunAsync("list");
        Assert.StartsWith(id + "  charts", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(secret.Split('_')[2], listed, StringComparison.Ordinal);
        Assert.Contains($"rk_{id}_", (await RunAsync("rotate", id)).Output, StringComparison.Ordinal);
        Assert.Contains("2 secrets", (await RunAsync("list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("retire", id)).Code);
        Assert.DoesNotContain("secrets", (await RunAsync("list")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync("revoke", id)).Code);
        Assert.Equal("", (await RunAsync("list")).Output);
    }

    [Fact]
    public async Task Symbols_keep_their_case_where_it_counts()
    {
        var (code, made) = await RunAsync(
            "create", "--name", "k", "--scopes", "market.read", "--symbols", "k*,KPEPE", "--Producer:SymbolCase=keep");

        Assert.Equal(0, code);
        Assert.Contains("symbols KPEPE,k*", made, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no command keys make", "make")]
    [InlineData("There is no key 0123456789ab", "revoke", "0123456789ab")]
    [InlineData("A key needs a name", "create", "--scopes", "admin")]
    [InlineData("A key needs scopes", "create", "--name", "x", "--scopes", "root")]
    [InlineData("There is no option --scope", "create", "--name", "x", "--scope", "admin")]
    [InlineData("--name has no value", "create", "--name")]
    [InlineData("there is no 'kep'", "create", "--name", "x", "--scopes", "admin", "--Producer:SymbolCase=kep")]
    [InlineData("is no number of days", "create", "--name", "x", "--scopes", "admin", "--expires-in-days", "soon")]
    public async Task What_cannot_be_is_named(string reason, params string[] args)
    {
        var (code, output) = await RunAsync(args);

        Assert.Equal(2, code);
        Assert.Contains(reason, output, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output)> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        int code = await KeysCommand.RunAsync([.. args, "--ConnectionStrings:redis", _redis.Address], output, output);
        return (code, output.ToString());
    }
}
