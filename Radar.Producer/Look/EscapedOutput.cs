using System.Text;
using Radar.ServiceDefaults;

namespace Radar.Producer.Look;

/// <summary>Names of files and columns reach the terminal escaped, as they reach a log.</summary>
internal sealed class EscapedOutput(TextWriter output) : TextWriter
{
    public override Encoding Encoding => output.Encoding;

    public override void WriteLine() => output.WriteLine();

    public override void WriteLine(string? value) => output.WriteLine(LogText.Line(value ?? ""));
}
