using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NSwag;
using NSwag.CodeGeneration.CSharp;
using Radar.Standalone.Infrastructure;
using static Radar.Tests.Api.ApiWorld;

namespace Radar.Tests.Api.Http.OpenApi;

/// <summary>A client that NSwag makes of the served document compiles, together with a program that uses it, and reads the API.</summary>
public sealed class GeneratedClientTests : IAsyncLifetime
{
    private const string Program =
        """
        using System;
        using System.Collections.Generic;
        using System.Linq;
        using System.Net.Http;
        using System.Threading.Tasks;
        using Generated;

        public static class Program
        {
            public static async Task<string> RunAsync(HttpClient http)
            {
                var radar = new RadarApi(http);
                var said = new List<string>();

                SymbolsAnswer symbols = await radar.GetSymbolsAsync(
                    prefix: "btc", limit: 1, page_token: null, max_staleness_ms: null, if_None_Match: null);
                SymbolsAnswer rest = await radar.GetSymbolsAsync("btc", 1, symbols.Next_page_token, null, null);
                said.Add(string.Join(",", symbols.Symbols) + " then " + rest.Symbols.Single());

                TickersAnswer tickers = await radar.GetTickersAsync("BTC/USD,BTCUSDT", null, null, null, null, null);
                decimal sum = tickers.Tickers.Sum(ticker => ticker.P);
                said.Add($"{sum} {tickers.Tickers.First().Side} {tickers.Meta.Stale}");

                TickerAnswer ticker = await radar.GetTickerAsync("BTC/USD", null, null, null);
                DateTimeOffset at = ticker.T;
                said.Add($"{ticker.Symbol} {at.ToUnixTimeMilliseconds()} {ticker.Meta.Lag_ms is null}");

                SnapshotItem snapshot = (await radar.GetSnapshotsAsync("BTCUSDT", null, null, null)).Snapshots.Single();
                said.Add($"{snapshot.Latest_trade.P} {snapshot.Minute_bar.N} {snapshot.Daily_bar.Vw} {snapshot.Previous_daily_bar.C}");

                MoverItem mover = (await radar.GetMoversAsync(3, null, null)).Gainers.Single();
                said.Add($"{mover.Symbol} {mover.Change_percent}");

                TradesAnswer trades = await radar.GetTradesAsync("btcusdt", null, null, 10, Sort.Desc, null, null, null, null);
                said.Add(string.Join(",", trades.Trades.Select(trade => trade.P)));

                BarsAnswer bars = await radar.GetBarsAsync("BTCUSDT", Timeframe._1Day, null, null, null, null, null, null, null, null);
                said.Add(string.Join(",", bars.Bars.Select(bar => bar.C)));
                said.Add((await radar.GetTickerV1Async("BTCUSDT", null)).Price.ToString());

                try
                {
                    await radar.GetTickerAsync("NOT;ONE", null, null, null);
                }
                catch (ApiException<Problem> e)
                {
                    said.Add($"{e.StatusCode} {e.Result.Parameter}");
                }

                try
                {
                    await radar.GetMoversAsync(null, null, $"\"{tickers.Meta.Version}\"");
                }
                catch (ApiException e)
                {
                    said.Add($"{e.StatusCode}");
                }

                return string.Join("\n", said);
            }
        }
        """;

    private readonly EmbeddedRedis _redis = EmbeddedRedis.Start();
    private ApiWorld _world = null!;

    public async Task InitializeAsync() => _world = await ApiWorld.StartAsync(_redis.Address, kafka: null);

    public async Task DisposeAsync()
    {
        await _world.DisposeAsync();
        _redis.Dispose();
    }

    [Fact]
    public async Task Generated_client_compiles_and_reads_every_kind_of_answer()
    {
        const long dayMs = 86_400_000;
        await _world.ApplyAsync(0, [Tick("BTCUSDT", 100, Noon - dayMs), Tick("BTCUSDT", 110.5m, Noon)]);
        await _world.ApplyAsync(1, [Tick("BTC/USD", 0.000000000000000001m, Noon + 1)]);

        var program = Load(Compile(await GenerateAsync()));
        var run = (Task<string>)program.GetType("Program")!.GetMethod("RunAsync")!.Invoke(null, [_world.Http])!;

        Assert.Equal(
            $"""
            BTC/USD then BTCUSDT
            110.500000000000000001 Buy True
            BTC/USD {Noon + 1} True
            110.5 1 110.5 100
            BTCUSDT 10.5
            110.5,100
            100,110.5
            110.5
            400 symbol
            304
            """,
            await run);
    }

    private async Task<string> GenerateAsync()
    {
        var document = await OpenApiDocument.FromJsonAsync(await _world.Http.GetStringAsync("/openapi/v1.json"));
        var settings = new CSharpClientGeneratorSettings { ClassName = "RadarApi", UseBaseUrl = false, InjectHttpClient = true };
        settings.CSharpGeneratorSettings.Namespace = "Generated";
        settings.CSharpGeneratorSettings.JsonLibrary = NJsonSchema.CodeGeneration.CSharp.CSharpJsonLibrary.SystemTextJson;
        return new CSharpClientGenerator(document, settings).GenerateFile();
    }

    private static byte[] Compile(string client)
    {
        var framework = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal)
                || Path.GetFileName(path) == "netstandard.dll")
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            "GeneratedClient",
            [CSharpSyntaxTree.ParseText(client), CSharpSyntaxTree.ParseText(Program)],
            framework,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var assembly = new MemoryStream();
        var result = compilation.Emit(assembly);
        Assert.True(result.Success,
            string.Join('\n', result.Diagnostics.Where(fault => fault.Severity == DiagnosticSeverity.Error).Take(20)) + client);
        return assembly.ToArray();
    }

    private static Assembly Load(byte[] assembly)
    {
        using var stream = new MemoryStream(assembly);
        return new AssemblyLoadContext("generated").LoadFromStream(stream);
    }
}
