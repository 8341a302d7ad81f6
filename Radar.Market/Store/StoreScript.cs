namespace Radar.Market.Store;

/// <summary>The scripts that Redis runs, as they lie beside this file.</summary>
internal static class StoreScript
{
    public static string Read(string name)
    {
        using var stream = typeof(StoreScript).Assembly.GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
