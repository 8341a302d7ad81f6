using System.Text.Json;
using Radar.ServiceDefaults;

namespace Radar.Producer.Live;

/// <summary>What a message that was not understood is called: its kind, or its members. Nothing else of it goes into a log.</summary>
internal static class MessageNames
{
    private const int MembersMax = 8;
    private const int KindLengthMax = 40;

    /// <summary>Members by which venues say what a message is.</summary>
    private static readonly string[] Kinds = ["type", "e", "event", "channel", "method", "op", "topic", "stream", "table"];

    /// <summary><c>It has type 'ticker'.</c>, <c>Its members are a, b.</c> or <c>It has 12 bytes.</c></summary>
    public static string Of(ReadOnlySpan<byte> message)
    {
        var members = new List<string>();
        string? kind = null;
        try
        {
            var reader = new Utf8JsonReader(message);
            while (reader.Read() && members.Count < MembersMax)
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1)
                    continue;
                string name = reader.GetString()!;
                members.Add($"'{LogText.Of(name)}'");
                bool isText = reader.Read() && reader.TokenType == JsonTokenType.String;
                if (isText && Kinds.Contains(name) && reader.ValueSpan.Length <= KindLengthMax)
                    kind ??= $"It has {name} '{LogText.Of(reader.GetString()!)}'.";
                reader.TrySkip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // It is cut off, or no JSON; the names before that are shown.
        }

        return kind ?? (members.Count > 0 ? $"Its members are {string.Join(", ", members)}." : $"It has {message.Length} bytes.");
    }
}
