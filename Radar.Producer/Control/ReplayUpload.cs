using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Radar.Producer.Replay;
using Radar.ServiceDefaults;
using Radar.ServiceDefaults.Control;

namespace Radar.Producer.Control;

/// <summary>A recording as it comes in a request: kept in a temporary directory of its own until it is disposed.</summary>
internal sealed class ReplayUpload : IDisposable
{
    /// <summary>Largest upload; what is larger is named by <c>Producer:Replay:Paths</c>.</summary>
    public const long BytesMax = 512 * 1024 * 1024;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("radar-replay-");

    private ReplayUpload(string name)
    {
        Name = name;
        Path = System.IO.Path.Combine(_directory.FullName, name);
    }

    /// <summary>The file's own name: of some formats it names the symbol and the day.</summary>
    public string Name { get; }

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Writes the body of a request to a file, piece by piece.</summary>
    /// <exception cref="ControlException">The name is none, or the body is empty or too large.</exception>
    public static async Task<ReplayUpload> ReceiveAsync(HttpContext context, CancellationToken cancellationToken)
    {
        string name = System.IO.Path.GetFileName(context.Request.Query["name"].ToString().Replace('\\', '/'));
        if (name.Length is 0 or > 200 || name is "." or ".." || name.IndexOfAny(System.IO.Path.GetInvalidFileNameChars()) >= 0)
            throw new ControlException(StatusCodes.Status400BadRequest, "name is missing: the name of the file, such as trades.csv.gz.");
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = BytesMax;
        var upload = new ReplayUpload(name);
        try
        {
            await using var file = File.Create(upload.Path);
            await context.Request.Body.CopyToAsync(file, cancellationToken);
            if (file.Length == 0)
                throw new ControlException(StatusCodes.Status400BadRequest, $"{name} is empty.");
            return upload;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            upload.Dispose();
            throw new ControlException(
                e.StatusCode,
                $"{name} is larger than {BytesMax / (1024 * 1024)} MiB. Replay it with Producer:Source=replay and Producer:Replay:Paths.");
        }
        catch
        {
            upload.Dispose();
            throw;
        }
    }

    /// <summary>Opens the recording as a source.</summary>
    /// <param name="options">The producer's; its format settings apply to uploads, too.</param>
    /// <param name="speed">1 is the recorded pace, n is n times as fast, 0 as fast as possible.</param>
    /// <param name="services">Metrics, clock and log.</param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <exception cref="ControlException">It is no recording that can be read.</exception>
    public ReplayTickSource Open(ProducerOptions options, double speed, IServiceProvider services, CancellationToken cancellationToken)
    {
        var mine = new ProducerOptions { SymbolFormat = options.SymbolFormat, SymbolCase = options.SymbolCase };
        options.Replay.CopyFormatTo(mine.Replay);
        mine.Replay.Speed = speed;
        mine.Replay.Paths.Add(Path);
        var source = ActivatorUtilities.CreateInstance<ReplayTickSource>(services, Microsoft.Extensions.Options.Options.Create(mine));
        try
        {
            source.Open(cancellationToken);
            return source;
        }
        catch (ConfigurationException e)
        {
            source.Dispose();
            throw new ControlException(
                StatusCodes.Status400BadRequest,
                e.Message.Replace("Producer:Replay:Paths: ", "", StringComparison.Ordinal)
                    .Replace(_directory.FullName + System.IO.Path.DirectorySeparatorChar, "", StringComparison.Ordinal));
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Reads <c>?speed=</c>; as fast as possible where it is not given.</summary>
    public static double Speed(HttpContext context)
    {
        string text = context.Request.Query["speed"].ToString();
        if (text.Length == 0)
            return 0;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double speed) && speed is >= 0 and <= 1_000_000
            ? speed
            : throw new ControlException(StatusCodes.Status400BadRequest,
                $"speed {text}: a number from 0 (as fast as possible) to 1000000; 1 is the recorded pace.");
    }

    public void Dispose()
    {
        try
        {
            _directory.Delete(recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody cleans temporary files up.
        }
    }
}
