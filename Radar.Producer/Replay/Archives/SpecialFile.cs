using System.Runtime.InteropServices;
using System.Text;

namespace Radar.Producer.Replay.Archives;

/// <summary>Files that are none: opening a named pipe waits for a writer, and a device has no end.</summary>
internal static class SpecialFile
{
    private const int ModeOffset = 4;
    private const int StatusBytes = 512;
    private const int TypeMask = 0xF000;

    /// <summary>Why the file is none, for people and without a full stop; null for one that is, or where the system does not say.</summary>
    public static string? Fault(string path)
    {
        if (OperatingSystem.IsWindows())
            return null;
        byte[] status = new byte[StatusBytes];
        try
        {
            if (Stat([.. Encoding.UTF8.GetBytes(path), 0], status) != 0)
                return null;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return null;
        }

        string? kind = (BitConverter.ToInt32(status, ModeOffset) & TypeMask) switch
        {
            0x1000 => "a named pipe",
            0x2000 or 0x6000 => "a device",
            0xC000 => "a socket",
            _ => null,
        };
        return kind is null ? null : $"it is {kind}, which cannot be read twice; write its content to a file";
    }

    // The runtime's own way to a file's mode, which .NET gives to nobody: a structure that begins with flags and mode.
    [DllImport("libSystem.Native", EntryPoint = "SystemNative_Stat")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories | DllImportSearchPath.AssemblyDirectory)]
    private static extern int Stat(byte[] path, byte[] status);
}
