using Radar.Api;
using Radar.Api.Access;
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
    [InlineData("There is no command keys revok. Did you mean revoke?", "revok", "0123456789ab")]
    [InlineData("keys revoke needs the id of a key", "revoke")]
    [InlineData("keys list takes nothing else. Redis is named by --ConnectionStrings:redis", "list", "--redis", "a:1")]
    [InlineData("keys rotate takes one id, and nothing else.", "rotate", "0123456789ab", "more")]
    [InlineData("There is no key 0123456789ab", "revoke", "0123456789ab")]
    [InlineData("Did you mean market.read?", "create", "--name", "x", "--scopes", "market.reed")]
    [InlineData("A key needs a name", "create", "--scopes", "admin")]
    [InlineData("A key needs scopes", "create", "--name", "x", "--scopes", "root")]
    [InlineData("Did you mean --scopes?", "create", "--name", "x", "--scope", "admin")]
    [InlineData("There is no option --scope", "create", "--name", "x", "--scope", "admin")]
    [InlineData("--name has no value", "create", "--name")]
    [InlineData("there is no 'kep'", "create", "--name", "x", "--scopes", "admin", "--Producer:SymbolCase=kep")]
    [InlineData("--name is given twice", "create", "--name", "x", "--name", "y", "--scopes", "admin")]
    [InlineData("is no number of days", "create", "--name", "x", "--scopes", "admin", "--expires-in-days", "1,5")]
    [InlineData("at most 36500 days", "create", "--name", "x", "--scopes", "admin", "--expires-in-days", "1e9")]
    [InlineData("that can be seen", "create", "--name", "x\u202ey", "--scopes", "admin")]
    [InlineData("is no number of days", "create", "--name", "x", "--scopes", "admin", "--expires-in-days", "soon")]
    public async Task What_cannot_be_is_named(string reason, params string[] args)
    {
        var (code, output) = await RunAsync(args);

        Assert.Equal(2, code);
        Assert.Contains(reason, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mistake_is_named_before_Redis_is_needed()
    {
        using var output = new StringWriter();

        Assert.Equal(2, await KeysCommand.RunAsync(["lst"], output, output));
        Assert.Contains("Did you mean list?", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whole_key_in_the_place_of_its_id_is_not_repeated()
    {
        string key = KeySecret.New().Reveal();

        var (code, output) = await RunAsync("revoke", key);

        Assert.Equal(2, code);
        Assert.Contains("An id has 12 hexadecimal digits", output, StringComparison.Ordinal);
        Assert.DoesNotContain(key.Split('_')[2], output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:1,password=SECRET", "Redis at 127.0.0.1:1 does not answer (connection refused). Check")]
    [InlineData("{redis},defaultDatabase=99,password=SECRET", "it has no database of the number that ConnectionStrings:redis names")]
    public async Task Redis_that_cannot_be_used_is_named_with_the_cause_and_the_mend(string redis, string reason)
    {
        var (code, output) = await RunOnAsync(redis.Replace("{redis}", _redis.Address, StringComparison.Ordinal), "list");

        Assert.Equal(1, code);
        Assert.Contains(reason, output, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", output, StringComparison.Ordinal);
    }

    private Task<(int Code, string Output)> RunAsync(params string[] args) => RunOnAsync(_redis.Address, args);

    private static async Task<(int Code, string Output)> RunOnAsync(string redis, params string[] args)
    {
        using var output = new StringWriter();
        int code = await KeysCommand.RunAsync([.. args, "--connectionstrings:redis", redis], output, output);
        return (code, output.ToString());
    }
}
