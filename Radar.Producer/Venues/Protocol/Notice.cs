namespace Radar.Producer.Venues.Protocol;

/// <summary>What a venue says beside trades.</summary>
internal enum NoticeKind
{
    /// <summary>Nothing that matters here: a heartbeat, a status.</summary>
    None,

    /// <summary>A subscription stands.</summary>
    Subscribed,

    /// <summary>The venue does not know a symbol.</summary>
    Refused,

    /// <summary>Another complaint of the venue's, which may pass.</summary>
    Error,

    /// <summary>The server is about to end the connection.</summary>
    Shutdown,

    /// <summary>Of a channel that was not subscribed to; the text names it.</summary>
    Unasked,

    /// <summary>Not a message that the venue is known to send.</summary>
    Unknown,
}

/// <summary>A message beside trades.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Symbol">The symbol that it is about; null is what was asked for last.</param>
/// <param name="Text">The venue's own words, where it complains; or the name of a channel.</param>
internal readonly record struct Notice(NoticeKind Kind, string? Symbol = null, string? Text = null);
