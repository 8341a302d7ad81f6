namespace Radar.Api.Http.OpenApi;

/// <summary>Examples that several routes share.</summary>
internal static class Examples
{
    /// <summary>A version of all partitions.</summary>
    public const string Version = "1-9f86d081-4711-80-n-12";

    /// <summary>Meta of an answer from one partition.</summary>
    public const string Meta =
        """{"version":"1-3-4711","event_time":"2024-08-08T23:54:15.342Z","age_ms":412,"lag_ms":0,"stale":false,"""
        + "\"trace\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}";

    /// <summary>Meta of an answer from several partitions.</summary>
    public const string ListMeta =
        """{"version":"1-9f86d081-4711-80-n-12","event_time":"2024-08-08T23:54:15.342Z","age_ms":412,"lag_ms":0,"stale":false}""";

    public const string TradeMembers =
        """
        "t":"2024-08-08T23:54:15.342Z","p":61712.4,"s":0.015,"i":3716024879,"side":"buy","venue":"binance"
        """;

    public const string Trade = "{" + TradeMembers + "}";

    public const string Ticker = """{"symbol":"BTCUSDT",""" + TradeMembers + "}";

    public const string Bar =
        """{"t":"2024-08-08T23:54:00.000Z","o":61700.1,"h":61715,"l":61699.9,"c":61712.4,"v":12.503,"n":318,"vw":61708.02}""";
}
