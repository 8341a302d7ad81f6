using System.Text;
using Radar.Market.Store;

namespace Radar.Tests.Fixtures;

/// <summary>Stored records as texts that a test changes.</summary>
internal static class RecordText
{
    /// <summary>The record with the checksum of what is before it now, as a program with a defect would write it.</summary>
    public static string WithChecksum(string record)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(record[..record.LastIndexOf('~')]);
        var checksum = new byte[StoredRecord.ChecksumLength];
        StoredRecord.WriteChecksum(bytes, checksum);
        return Encoding.UTF8.GetString([.. bytes, .. checksum]);
    }

    /// <summary>The record as an older Radar wrote it.</summary>
    public static string WithoutChecksum(string record) => record[..(record.LastIndexOf('~') - 1)];

    /// <summary>The same with one bit of one byte changed.</summary>
    public static byte[] Flipped(ReadOnlyMemory<byte> record, int at, int bit = 0)
    {
        byte[] bytes = record.ToArray();
        bytes[at] ^= (byte)(1 << bit);
        return bytes;
    }
}
