using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using Radar.Market;
using Radar.ServiceDefaults;
using Radar.Tests.Fixtures;
using SharpCompress.Compressors.BZip2;
using ZstdSharp;

namespace Radar.Tests.Producer.Replay;

/// <summary>zstd, xz, bzip2 and tar, by their first bytes; what cannot be read says so and is never read as text.</summary>
public sealed class ReplayPackedTests
{
    private const string Header = "symbol,price,timestamp\n";

    // xz of "symbol,price,timestamp\nX,1,1723161255342\n"; no library here writes it.
    private const string Xz =
        "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAoc3ltYm9sLHByaWNlLHRpbWVzdGFtcApYLDEsMTcyMzE2MTI1NTM0MgoAAAAA7zqfzJwDR3YAAU"
            + "EpA1NWix+2830BAAAAAARZWg==";

    public static TheoryData<string> Kinds => ["gzip", "zstd", "bzip2"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Packed_file_is_read_whatever_its_name_alone_behind_another_and_in_a_tar(string kind)
    {
        using var run = new ReplayRun();
        run.Write("a.csv", Pack(kind, Rows("A")));
        run.Write("b", [.. Pack(kind, Rows("B")), .. Pack(kind, "C,1,1723161255342\n"u8.ToArray())]);
        run.Write("c.bin", Pack(kind, Tar(("d/D.csv", Rows("D")), ("E.csv.gz", Pack("gzip", Rows("E"))))));

        Assert.Equal(["A", "B", "C", "D", "E"], (await run.ReadAllAsync([run.Folder])).Select(tick => tick.Symbol).Order());
        Assert.Equal(0, run.Metrics.Broken);
    }

    [Fact]
    public async Task Xz_is_read_alone_and_with_others_and_padding_behind_it()
    {
        using var run = new ReplayRun();
        byte[] xz = Convert.FromBase64String(Xz);
        run.Write("a.xz", xz);
        run.Write("b.tar", Tar(("x.csv", [.. xz, .. new byte[8], .. xz])));

        var ticks = await run.ReadAllAsync([run.Folder]);

        // The second stream's header is a row without a price.
        Assert.Equal(3, ticks.Count);
        Assert.Equal(1, run.Metrics.Broken);
    }

    [Fact]
    public async Task Entries_of_tars_are_opened_again_and_again()
    {
        using var run = new ReplayRun();
        run.Producer.Replay.Loop = true;
        byte[] large = [.. Rows("L"), .. Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("# filler\n", 400_000)))];
        byte[] tar = Tar(("A.csv", Rows("A")), ("L1.csv", large), ("L2.csv", large), (".hidden.csv", Rows("H")), ("B.csv", Rows("B")));
        run.Write("plain.tar", tar);
        run.Write("packed.tar.zst", Pack("zstd", tar));

        var ticks = await run.ReadAllAsync([run.Folder], max: 24);

        Assert.Equal(
            [("A", 6), ("B", 6), ("L", 12)],
            ticks.Take(24).CountBy(tick => tick.Symbol).OrderBy(pair => pair.Key).Select(pair => (pair.Key, pair.Value)));
    }

    [Theory]
    [InlineData("377ABCAF271C0004", "7z")]
    [InlineData("526172211A0700CF", "rar")]
    [InlineData("04224D186440A7", "lz4")]
    [InlineData("5D00008000FFFFFFFF", "lzma")]
    [InlineData("1F9D90535C", "compress")]
    [InlineData("504152311504150015", "Parquet")]
    [InlineData("4645413100000000", "Feather")]
    [InlineData("FFFFFFFFC8000000", "Arrow stream")]
    [InlineData("53514C69746520666F726D6174203300", "SQLite")]
    [InlineData("44424E0198000000", "DBN")]
    [InlineData("504B070800000000", "zip in several parts")]
    [InlineData("01000200030004000500060007", "neither text nor a kind of archive")]
    public void What_is_not_read_is_named_alone_and_in_an_archive(string hex, string name)
    {
        byte[] content = [.. Convert.FromHexString(hex), .. "\nsymbol,price,timestamp\nX,1,1723161255342\n"u8];
        foreach (byte[] file in new[] { content, Pack("gzip", content), Tar(("a.csv", content)) })
        {
            using var run = new ReplayRun();
            string path = run.Write("a.csv", file);

            string message = Assert.Throws<ConfigurationException>(() => run.Open(path)).Message;

            Assert.Contains(name, message, StringComparison.Ordinal);
            Assert.Contains("a.csv", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Zip_within_an_archive_and_a_spreadsheet_are_left_out_and_named()
    {
        using var run = new ReplayRun();
        run.Write("a.tar", Tar(("in.zip", Zip(("x.csv", Rows("X"))))));
        run.Write("b.xlsx", Zip(("[Content_Types].xml", "<a/>"u8.ToArray()), ("xl/sheet1.xml", "<b/>"u8.ToArray())));
        run.Write("c.csv", Rows("C"));

        Assert.Equal("C", Assert.Single(await run.ReadAllAsync([run.Folder])).Symbol);
        Assert.Contains(run.Log.Lines, line => line.Contains("a.tar!in.zip is left out: it is a zip within", StringComparison.Ordinal));
        Assert.Contains(run.Log.Lines, line => line.Contains("save its table as CSV", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Packed_file_that_is_cut_gives_the_rows_before_the_cut_and_one_broken_line(string kind)
    {
        var random = new Random(3);
        byte[] text = Encoding.UTF8.GetBytes(Header + string.Concat(
            Enumerable.Range(0, 150_000).Select(i => $"S{random.Next(1000)},{random.Next(1, 9999)},{1723161255342 + i}\n")));
        byte[] packed = Pack(kind, text);
        using var run = new ReplayRun();

        var ticks = await run.ReadAllAsync([run.Write("cut", packed[..(packed.Length * 2 / 3)])]);

        Assert.InRange(ticks.Count, 1_000, 149_999);
        Assert.Equal(1, run.Metrics.Broken);
        Assert.Contains(run.Log.Lines, line => line.Contains("cannot be read further", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tar_that_is_cut_gives_its_whole_files_and_names_where_it_ends()
    {
        using var run = new ReplayRun();
        byte[] tar = Tar(("A.csv", Rows("A")), ("B.csv", Rows("B")), ("C.csv", Rows("C")));

        var ticks = await run.ReadAllAsync([run.Write("cut.tar", tar[..(tar.AsSpan().IndexOf("B.csv"u8) + 600)])]);

        Assert.Equal(["A"], ticks.Select(tick => tick.Symbol).Distinct().Where(symbol => symbol != "B"));
        Assert.Contains(run.Log.Lines, line => line.Contains("cannot be read further", StringComparison.Ordinal)
            || line.Contains("cut off", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Packed_content_that_goes_on_for_ever_keeps_memory_bounded()
    {
        // One line in 30 KB, and then a row.
        const int Megabytes = 1024;
        byte[] packed = LongLine(Rows("A"), Megabytes, "\nB,1,1723161255342\n"u8);
        using var run = new ReplayRun();
        long before = GC.GetTotalAllocatedBytes();

        Assert.Equal(["A", "B"], (await run.ReadAllAsync([run.Write("a.csv.zst", packed)])).Select(tick => tick.Symbol));
        Assert.Equal(1, run.Metrics.Broken);
        // Less than the line: it was nowhere whole. Tests beside this one allocate as well.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, (long)Megabytes << 20);
    }

    [Theory]
    [InlineData(40)] // longer than a line
    [InlineData(70)] // longer than all that is looked into
    public void Line_that_is_too_long_at_the_beginning_is_named_and_no_empty_file(int megabytes)
    {
        using var run = new ReplayRun();
        string path = run.Write("a.csv.zst", LongLine([], megabytes, []));

        Assert.Contains("its lines are longer than 33554432 bytes", Assert.Throws<ConfigurationException>(() => run.Open(path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Directory_of_a_zip_is_read_once_however_many_files_it_holds()
    {
        using var run = new ReplayRun();
        const int Files = 4_000;
        string path = run.Write("many.zip", Zip([.. Enumerable.Range(0, Files).Select(i => ($"{i:00000}.csv", Rows($"S{i}")))]));
        long before = GC.GetTotalAllocatedBytes();

        Assert.Equal(Files, (await run.ReadAllAsync([path])).Count);

        // The directory, read for each file, would be 4000 × 4000 entries of more than 100 bytes.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 4_000L << 20);
    }

    [RequiresFact(Need.NamedPipes)]
    public void Named_pipe_stops_the_start_and_is_named()
    {
        using var run = new ReplayRun();
        string path = Path.Combine(run.Folder, "pipe.csv");
        using (var made = System.Diagnostics.Process.Start("/usr/bin/mkfifo", [path]))
            made.WaitForExit();

        Assert.Contains("pipe.csv: it is a named pipe", Assert.Throws<ConfigurationException>(() => run.Open(path)).Message,
            StringComparison.Ordinal);
        Assert.Contains("it is a device", Assert.Throws<ConfigurationException>(() => new ReplayRun().Open("/dev/zero")).Message,
            StringComparison.Ordinal);
        using var folder = new ReplayRun();
        folder.Producer.Replay.Paths.Add(folder.Write("a.csv", Rows("A")));
        folder.Open(run.Folder);
        Assert.Contains(folder.Log.Lines, line => line.Contains("pipe.csv is left out", StringComparison.Ordinal));
    }

    [RequiresFact(Need.Links)]
    public async Task Folder_with_links_to_itself_is_read_once_and_the_links_are_named()
    {
        using var run = new ReplayRun();
        run.Write("a/b/x.csv", Rows("X"));
        for (int i = 0; i < 5; i++)
            Directory.CreateSymbolicLink(Path.Combine(run.Folder, "a", "b", $"up{i}"), Path.Combine(run.Folder, i % 2 == 0 ? "a" : "a/b"));
        File.CreateSymbolicLink(Path.Combine(run.Folder, "a", "self"), Path.Combine(run.Folder, "a", "self"));
        Directory.CreateSymbolicLink(Path.Combine(run.Folder, "again"), Path.Combine(run.Folder, "a", "b"));

        Assert.Single(await run.ReadAllAsync([run.Folder, Path.Combine(run.Folder, "**", "*.csv")]));
        Assert.Contains(run.Log.Lines, line => line.Contains("up0 is left out: it is a link to a folder that it lies in",
            StringComparison.Ordinal));
        Assert.Contains(run.Log.Lines, line => line.Contains("self is left out: it is a link that leads nowhere",
            StringComparison.Ordinal));
    }

    private static byte[] Rows(string symbol) => Encoding.UTF8.GetBytes($"{Header}{symbol},1,1723161255342\n");

    private static byte[] LongLine(byte[] before, int megabytes, ReadOnlySpan<byte> behind)
    {
        using var packed = new MemoryStream();
        using (var zstd = new CompressionStream(packed, 3, leaveOpen: true))
        {
            zstd.Write(before);
            byte[] part = new byte[1 << 20];
            Array.Fill(part, (byte)'x');
            for (int i = 0; i < megabytes; i++)
                zstd.Write(part);
            zstd.Write(behind);
        }

        return packed.ToArray();
    }

    private static byte[] Pack(string kind, byte[] content)
    {
        using var packed = new MemoryStream();
        using (Stream stream = kind switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest, true),
            "zstd" => new CompressionStream(packed, 3, leaveOpen: true),
            _ => BZip2Stream.Create(packed, SharpCompress.Compressors.CompressionMode.Compress, false, true, false),
        })
        {
            stream.Write(content, 0, content.Length);
        }

        return packed.ToArray();
    }

    private static byte[] Tar(params (string Name, byte[] Content)[] files)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (name, content) in files)
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }

        return stream.ToArray();
    }

    private static byte[] Zip(params (string Name, byte[] Content)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, true))
        {
            foreach (var (name, content) in entries)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return stream.ToArray();
    }
}
