using System.Buffers;
using System.Text;
using Radar.Market;
using Radar.Producer.Venues;

namespace Radar.Producer.Replay;

/// <summary>Splits a capture's lines into what the recorder wrote and what the venue sent, and finds the venue.</summary>
internal sealed class CaptureVenue
{
    private static readonly SearchValues<byte> Clock = SearchValues.Create("0123456789.:"u8);

    private VenueTrades[]? _candidates = VenueTrades.All();
    private VenueTrades? _venue;
    private string? _host;

    /// <summary>What is wrong with the last broken line.</summary>
    public string Fault { get; private set; } = "";

    /// <summary>A host from which the capture comes and that Radar does not read, or null.</summary>
    public string? UnknownHost { get; private set; }

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

        if (line[0] is >= (byte)'0' and <= (byte)'9')
        {
            int blank = line.IndexOf((byte)' ');
            if (blank < 0 || line[..blank].ContainsAnyExcept(Clock))
                return Broken("neither a time and a message nor an address");
            line = line[(blank + 1)..];
        }

        return line is [(byte)'{' or (byte)'[', ..] ? ReadMessage(line, trades) : Broken("a message that is not JSON");
    }

    /// <summary>True for JSON, for JSON with a time before it, and for a recorder's own lines.</summary>
    public static bool IsLine(ReadOnlySpan<byte> line)
    {
        int message = line.IndexOfAny((byte)'{', (byte)'[');
        return IsControl(line) || message == 0 || (message > 0 && !line[..message].TrimEnd((byte)' ').ContainsAnyExcept(Clock));
    }

    /// <summary>True for an address, with which a recorder tells of the connection.</summary>
    private static bool IsControl(ReadOnlySpan<byte> line) => line[0] is (byte)'w' or (byte)'h' && line.IndexOf("://"u8) is > 1 and < 6;

    private VenueMessage ReadMessage(ReadOnlySpan<byte> json, List<Tick> trades)
    {
        if (_venue is not null)
            return Said(_venue, _venue.Read(json, trades));

        // Nothing has told the venue yet: the first that knows the message has it from now on.
        var result = VenueMessage.Foreign;
        foreach (var candidate in _candidates ?? [])
        {
            var said = Said(candidate, candidate.Read(json, trades));
            if (said is VenueMessage.Trades or VenueMessage.NoTrade)
            {
                _venue = candidate;
                return said;
            }

            if (said == VenueMessage.Broken)
                result = said;
        }

        return result;
    }

    /// <summary>An address tells the venue, and on Binance the market. Messages sent to it are part of such lines.</summary>
    private void FollowHost(ReadOnlySpan<byte> line)
    {
        int end = line.IndexOf((byte)' ');
        string text = Encoding.UTF8.GetString(end < 0 ? line : line[..end]);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host == _host)
            return;
        _host = address.Host;
        _candidates = null;
        _venue = VenueTrades.ForHost(address.Host);
        UnknownHost = _venue is null ? address.Host : null;
    }

    private VenueMessage Said(VenueTrades venue, VenueMessage said)
    {
        if (said == VenueMessage.Broken)
            Fault = venue.Fault;
        return said;
    }

    private VenueMessage Broken(string fault)
    {
        Fault = fault;
        return VenueMessage.Broken;
    }
}
