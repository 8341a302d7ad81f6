using System.Runtime.InteropServices;

namespace Radar.Standalone.Infrastructure;

/// <summary>
/// While it lives, its thread takes no signals, and threads that native code starts from here never take any: they inherit the mask.
/// Must be disposed on the thread that made it.
/// </summary>
internal readonly ref partial struct BlockedSignals : IDisposable
{
    /// <summary>Bytes of <c>sigset_t</c> in glibc and musl; it is smaller elsewhere.</summary>
    private const int SetBytes = 128;

    private readonly SignalSet _before;

    public BlockedSignals()
    {
        if (OperatingSystem.IsWindows())
            return;
        SignalSet all = default;
        ((Span<byte>)all).Fill(byte.MaxValue);
        SetMask(all, out _before);
    }

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
            SetMask(_before, out _);
    }

    private static void SetMask(in SignalSet mask, out SignalSet before)
    {
        // SIG_SETMASK; the BSDs count from one.
        int error = SetThreadMask(OperatingSystem.IsLinux() ? 2 : 3, mask, out before);
        if (error != 0)
            throw new InvalidOperationException($"pthread_sigmask failed: {Marshal.GetPInvokeErrorMessage(error)}.");
    }

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SetThreadMask(int how, in SignalSet mask, out SignalSet before);

    [System.Runtime.CompilerServices.InlineArray(SetBytes)]
    private struct SignalSet
    {
        private byte _first;
    }
}
