using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Confluent.Kafka;
using CsCheck;
using Radar.Market;
using Radar.Producer;
using Radar.Producer.Topics;

namespace Radar.Tests.Producer.Topics;

// Records in random shapes, and mangled ones.
public sealed partial class TopicMappingTests
{
    /// <summary>Records are written from ticks in random shapes by plain code; the mapping has to find the ticks again.</summary>
    [Fact]
    public void Record_of_any_shape_gives_the_tick_that_it_was_written_from()
    {
        var name = Gen.String[Gen.Char["ab/~ \"\\\u00e9.01"], 0, 4];
        var path = name.Array[1, 3];
        var tick =
            from symbol in Gen.String[Gen.Char["ABZ09._-:/"], 1, 32]
            from mantissa in Gen.Long[1, 999_999_999_999_999]
            from scale in Gen.Int[0, 14]
            from size in Gen.Int[0, 100_000]
            from ns in Gen.Long[0, long.MaxValue]
            from id in Gen.OneOf(
                Gen.Long.Select(number => new TradeId(number)),
                Gen.String[Gen.Char["az\"\\\n\u00e9\u4e16/<"], 1, 9].Select(text => new TradeId(text)),
                Gen.Const(default(TradeId)))
            from side in Gen.Int[0, 2]
            from venue in Gen.String[Gen.Char["az-\u00e9'"], 0, 9]
            select (
                Tick: new Tick(
                    symbol, DecimalText.FromDigits(mantissa, scale), ns / 1_000_000, DecimalText.Normalize(size / 1000m), id, (Side)side,
                    venue.Length == 0 ? null : venue),
                Ns: ns);
        Gen.Select(tick, path.Array[7], Gen.Int[0, 3], Gen.Bool, Gen.Bool).Sample((source, paths, symbolPlace, numbersAsText, inList) =>
        {
            // One path must not lead through another's value.
            for (int i = 0; i < paths.Length; i++)
                paths[i] = [$"m{i}", .. paths[i]];
            var (expected, ns) = source;
            var item = new JsonObject { ["noise"] = new JsonArray(1, "x", null) };
            Put(item, paths[1], Number(expected.Price, numbersAsText));
            Put(item, paths[2], numbersAsText ? JsonValue.Create(ns.ToString(CultureInfo.InvariantCulture)) : JsonValue.Create(ns));
            Put(item, paths[3], Number(expected.Size, numbersAsText));
            Put(item, paths[4], expected.TradeId.Number is { } number ? JsonValue.Create(number) : JsonValue.Create(expected.TradeId.Text));
            Put(item, paths[5], expected.Side switch { Side.Buy => "B", Side.Sell => "S", _ => null });
            Put(item, paths[6], expected.Venue);
            JsonObject value = inList ? new JsonObject { ["list"] = new JsonArray(item) } : item;
            string lower = expected.Symbol.ToLowerInvariant();
            byte[]? key = null;
            Headers? headers = null;
            string symbolAt = symbolPlace switch { 0 => Pointer(paths[0]), 1 => "value:" + Pointer(paths[0]), 2 => "key", _ =>
                "header:sym" };
            if (symbolPlace == 0)
                Put(item, paths[0], lower);
            else if (symbolPlace == 1)
                Put(value, paths[0], lower);
            else if (symbolPlace == 2)
                key = Encoding.ASCII.GetBytes(lower);
            else
                headers = new Headers { { "sym", Encoding.ASCII.GetBytes(lower) } };

            var options = new TopicOptions
            {
                Items = inList ? "/list" : null, Symbol = symbolAt, Price = Pointer(paths[1]), Time = Pointer(paths[2]),
                TimeUnit = TimeUnit.Ns,
                Size = Pointer(paths[3]), TradeId = Pointer(paths[4]), Side = Pointer(paths[5]), Venue = Pointer(paths[6]),
                Sides = "B=buy,S=sell",
            };
            var (refusal, ticks) = Map(options, new TopicRecord(key, Encoding.UTF8.GetBytes(value.ToJsonString()), headers, 0));

            Assert.Equal((TickRefusal.None, expected), (refusal, Assert.Single(ticks)));
            AssertReadBack(expected);
        }, iter: 2_000);
    }

    [Fact]
    public void Mangled_record_is_refused_or_gives_a_tick_that_our_consumer_reads()
    {
        byte[] whole = Encoding.UTF8.GetBytes(
            """{"symbol":"BTC","price":"61837.63","timestamp":1723161255342,"size":1e3"""
                + ""","trade_id":"\u00e9\u0027<>&+","side":"buy","venue":"x"}""");
        Gen.Select(Gen.Int[0, whole.Length - 1].Array[0, 4], Gen.Byte.Array[4], Gen.Int[0, 3]).Sample((paths, bytes, cut) =>
        {
            byte[] value = [.. whole[..^cut]];
            for (int i = 0; i < paths.Length; i++)
                value[Math.Min(paths[i], value.Length - 1)] = bytes[i];

            var (refusal, ticks) = Map(new TopicOptions(), new TopicRecord(null, value, null, 0));

            Assert.Equal(refusal == TickRefusal.None ? 1 : 0, ticks.Count);
            foreach (Tick tick in ticks)
                AssertReadBack(tick);
        }, iter: 20_000);
    }

    private static JsonValue Number(decimal value, bool asText) =>
        asText ? JsonValue.Create(value.ToString(CultureInfo.InvariantCulture))! : JsonValue.Create(value);

    private static string Pointer(string[] path) =>
        string.Concat(path.Select(name => "/" + name.Replace("~", "~0", StringComparison.Ordinal)
            .Replace("/", "~1", StringComparison.Ordinal)));

    private static void Put(JsonObject root, string[] path, JsonNode? value)
    {
        foreach (string name in path[..^1])
        {
            root[name] ??= new JsonObject();
            root = root[name]!.AsObject();
        }

        root[path[^1]] = value;
    }
}
