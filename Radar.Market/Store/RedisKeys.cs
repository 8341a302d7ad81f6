using StackExchange.Redis;

namespace Radar.Market.Store;

/// <summary>
/// Names of all keys. Those of one partition share the hash tag <c>{epoch.pNN}</c>, so a partition's state is one slot of a Redis
/// Cluster and one atomic script.
/// </summary>
/// <param name="Epoch">The rebuild that the state belongs to; 1–16 letters and digits.</param>
/// <param name="Partition">Kafka partition.</param>
/// <param name="Name">See <see cref="RadarOptions.Name"/>; null is the state without a name.</param>
public readonly record struct RedisKeys(string Epoch, int Partition, string? Name = null)
{
    /// <summary>Of the state without a name: string, the epoch that is served.</summary>
    public static readonly RedisKey ActiveEpoch = ActiveEpochOf(null);

    private const string Root = "radar";
    private const int EpochLengthMax = 16;

    /// <summary>The epoch of a state that was never rebuilt.</summary>
    public const string FirstEpoch = "1";

    /// <summary>String: the epoch that is served.</summary>
    public static RedisKey ActiveEpochOf(string? name) => $"{RootOf(name)}:epoch";

    /// <summary>Hash: the records of the API's keys, see <see cref="ApiKeyRecords"/>.</summary>
    public static RedisKey ApiKeysOf(string? name) => $"{RootOf(name)}:keys";

    /// <summary>List: what the API's session cookies are encrypted with, see <see cref="SessionKeyRecords"/>.</summary>
    public static RedisKey SessionKeysOf(string? name) => $"{RootOf(name)}:session-keys";

    /// <summary>String: whose a stream ticket is, see <see cref="TicketRecords"/>.</summary>
    public static RedisKey TicketOf(string? name, string hash) => $"{RootOf(name)}:ticket:{hash}";

    /// <summary>Hash: the budget of one caller of the API, see <see cref="LimitRecords"/>.</summary>
    public static RedisKey LimitOf(string? name, string caller) => $"{RootOf(name)}:limit:{caller}";

    /// <summary>Sorted set: the API's processes, by the time until which they are known to run, Unix ms.</summary>
    public static RedisKey ReplicasOf(string? name) => $"{RootOf(name)}:replicas";

    /// <summary>
    /// All keys of the state that this key is of, as Redis's <c>SCAN</c> asks for them; the API's keys (<see cref="ApiKeysOf"/>) are not
    /// among them.
    /// </summary>
    public static string PatternOf(RedisKey key) => key.ToString().Split(':')[0] + ":{*";

    /// <inheritdoc cref="PatternOf"/>
    public string Pattern => RootOf(Name) + ":{*";

    /// <summary>Reads the value of <see cref="ActiveEpochOf"/>; null where none is served.</summary>
    /// <exception cref="DamagedStateException">It is not an epoch's name.</exception>
    public static string? ReadEpoch(RedisKey key, RedisValue value)
    {
        string epoch = value.ToString();
        if (epoch.Length == 0)
            return null;
        return epoch.Length <= EpochLengthMax && epoch.All(char.IsAsciiLetterOrDigit)
            ? epoch
            : throw new DamagedStateException(key, "holds no name of an epoch (1 to 16 letters and digits)");
    }

    private string Prefix => $"{RootOf(Name)}:{{{Epoch}.p{Partition:D2}}}:";

    /// <summary>Hash: the fields of a <see cref="PartitionPosition"/>.</summary>
    public RedisKey Position => Prefix + "position";

    /// <summary>Hash: symbol → latest record.</summary>
    public RedisKey Latest => Prefix + "latest";

    /// <summary>Hash: symbol → day record.</summary>
    public RedisKey Days => Prefix + "days";

    /// <summary>Channel on which every applied change is published; see <see cref="ChangeWriter"/>.</summary>
    public string Changes => Prefix + "changes";

    /// <summary>A key, and a channel, on which rights are tried; nothing is ever stored there.</summary>
    internal string Probe => Prefix + "probe";

    /// <summary>List of trade records in offset order.</summary>
    public RedisKey Trades(string symbol) => Prefix + "trades:" + symbol;

    /// <summary>Sorted set of bar records, scored by open time.</summary>
    public RedisKey Bars(Timeframe timeframe, string symbol) => Prefix + "bars:" + timeframe.Name + ":" + symbol;

    /// <summary>All keys of one symbol alone: trades, then the bars of each timeframe.</summary>
    public IEnumerable<RedisKey> PartsOf(string symbol)
    {
        RedisKeys keys = this;
        return [keys.Trades(symbol), .. Timeframe.All.Select(timeframe => keys.Bars(timeframe, symbol))];
    }

    /// <summary>Reads the name of a partition's key; null where it is not one.</summary>
    /// <returns>The partition's keys, and the symbol that the key is of; null where it is of all.</returns>
    internal static (RedisKeys Keys, string? Symbol)? TryParse(RedisKey key)
    {
        string name = key.ToString();
        int tag = name.IndexOf(":{", StringComparison.Ordinal) + 2;
        int dot = name.IndexOf(".p", StringComparison.Ordinal), end = name.IndexOf("}:", StringComparison.Ordinal);
        if (tag < 2 || dot < tag || end < dot || !int.TryParse(name.AsSpan(dot + 2, end - dot - 2), out int partition)
            || !IsRoot(name[..(tag - 2)], out string? state))
        {
            return null;
        }

        string[] rest = name[(end + 2)..].Split(':', 2);
        string? symbol = rest switch
        {
            ["trades", var of] => of,
            ["bars", var of] => of[(of.IndexOf(':', StringComparison.Ordinal) + 1)..],
            _ => null,
        };
        return (new RedisKeys(name[tag..dot], partition, state), symbol);
    }

    private static string RootOf(string? name) => name is null ? Root : $"{Root}-{name}";

    private static bool IsRoot(string text, out string? name)
    {
        name = text.StartsWith(Root + "-", StringComparison.Ordinal) ? text[(Root.Length + 1)..] : null;
        return text == RootOf(name);
    }
}
