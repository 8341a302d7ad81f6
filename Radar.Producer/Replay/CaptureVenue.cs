using System.Text;
using Radar.Market;
using Radar.Producer.Venues.Protocol;

namespace Radar.Producer.Replay;

/// <summary>
/// Splits a capture's lines into what the recorder wrote and what a venue sent, and finds the venue of each message. Symbols stay as their
/// venue spells them.
/// </summary>
internal sealed class CaptureVenue
{
    private readonly CaptureParsers _parsers = new(SymbolRule.Keep);
    private VenueTrades[] _asked;
    private string? _address;
    private int _last;

    public CaptureVenue() => _asked = _parsers.ByMessage;

    /// <summary>What is wrong with the last broken line.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>The host that the last address named, or null.</summary>
    public string? Host { get; private set; }

    /// <summary>Whether Radar reads what comes from <see cref="Host"/>.</summary>
    public bool IsKnownHost => _asked.Length > 0;

    /// <summary>Reads one line and adds its trades.</summary>
    public VenueMessage Read(ReadOnlySpan<byte> line, List<Tick> trades)
    {
        line = line.Trim(" \t"u8);
        if (line.IsEmpty)
            return VenueMessage.NoTrade;
        if (IsControl(line))
        {
            FollowHost(line);
            return VenueMessage.NoTrade;
        }

        int message = CapturePrefix.Length(line);
        if (message < 0)
            return Broken(line[0] is (byte)'{' or (byte)'[' ? "a message that is not JSON" : "neither a time and a message nor an address");
        line = line[message..];
        if (line.SequenceEqual("pong"u8) || line.SequenceEqual("ping"u8))
            return VenueMessage.NoTrade;
        return line is [(byte)'{' or (byte)'[', ..] ? ReadMessage(line, trades) : Broken("a message that is not JSON");
    }

    /// <summary>The capture is at its end: adds trades that waited for what would follow them.</summary>
    public void End(List<Tick> trades)
    {
        foreach (var venue in _parsers.All)
            venue.End(trades);
    }

    /// <summary>Number of messages that waited and turned out to be no trades, since the last call.</summary>
    public int TakeRepeats() => IsKnownHost ? _asked[_last].TakeRepeats() : 0;

    /// <summary>True for JSON, for JSON with a time before it, and for a recorder's own lines.</summary>
    public static bool IsLine(ReadOnlySpan<byte> line) =>
        IsControl(line) || (CapturePrefix.Length(line) is >= 0 and var at && line[at..] is [(byte)'{' or (byte)'[', ..]);

    /// <summary>True for an address, which a recorder writes for each connection.</summary>
    public static bool IsControl(ReadOnlySpan<byte> line) => line is [(byte)'w' or (byte)'h', ..] && line.IndexOf("://"u8) is > 1 and < 6;

    /// <summary>
    /// A file may be several captures one after the other, with or without an address before each: the parser of the last message is
    /// tried first, and what is foreign to it goes to the others.
    /// </summary>
    private VenueMessage ReadMessage(ReadOnlySpan<byte> json, List<Tick> trades)
    {
        if (!IsKnownHost)
            return VenueMessage.Foreign;
        var result = ReadWith(_asked[_last], json, trades);
        for (int i = 0; i < _asked.Length && result == VenueMessage.Foreign; i++)
        {
            if (i == _last)
                continue;
            result = ReadWith(_asked[i], json, trades);
            if (result is not (VenueMessage.Foreign or VenueMessage.Broken))
                _last = i;
        }

        return result;
    }

    /// <summary>An address identifies the venue, and on Binance the market. Messages sent to it are part of such lines.</summary>
    private void FollowHost(ReadOnlySpan<byte> line)
    {
        int end = line.IndexOf((byte)' ');
        string text = Encoding.UTF8.GetString(end < 0 ? line : line[..end]);
        if (text == _address || !Uri.TryCreate(text, UriKind.Absolute, out var address))
            return;
        _address = text;
        Host = address.Host;
        _asked = _parsers.ByAddress(address);
        _last = 0;
    }

    private VenueMessage ReadWith(VenueTrades venue, ReadOnlySpan<byte> json, List<Tick> trades)
    {
        var kind = venue.Read(json, trades);
        if (kind == VenueMessage.Broken)
            Fault = venue.Fault;
        return kind;
    }

    private VenueMessage Broken(string fault)
    {
        Fault = fault;
        return VenueMessage.Broken;
    }
}
