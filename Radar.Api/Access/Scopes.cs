namespace Radar.Api.Access;

/// <summary>What a key or a token may be used for.</summary>
internal static class Scopes
{
    /// <summary>Reads.</summary>
    public const string Read = "market.read";

    /// <summary>Streams.</summary>
    public const string Stream = "market.stream";

    /// <summary>Keys, health in full, metrics, dead letters.</summary>
    public const string Admin = "admin";

    public static readonly string[] All = [Read, Stream, Admin];
}
