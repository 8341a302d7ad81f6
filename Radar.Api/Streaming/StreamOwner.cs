namespace Radar.Api.Streaming;

/// <summary>Whose streams are counted together, beside those of an address.</summary>
/// <param name="Name">Key or token.</param>
/// <param name="StreamsMax">How many it may have open in this process.</param>
internal sealed record StreamOwner(string Name, int StreamsMax);
