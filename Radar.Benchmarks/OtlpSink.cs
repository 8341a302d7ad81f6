using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OpenTelemetry.Exporter;

namespace Radar.Benchmarks;

/// <summary>An OTLP server that reads what it is sent and keeps nothing.</summary>
internal sealed class OtlpSink(WebApplication app) : IAsyncDisposable
{
    private long _bytes;

    public static async Task<OtlpSink> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning"]);
        WebApplication app = builder.Build();
        var sink = new OtlpSink(app);
        app.MapPost("/v1/traces", sink.ReadAsync);
        await app.StartAsync();
        return sink;
    }

    public void Configure(OtlpExporterOptions options)
    {
        options.Protocol = OtlpExportProtocol.HttpProtobuf;
        options.Endpoint = new Uri(app.Urls.Single() + "/v1/traces");
    }

    /// <summary>Bytes since the last call.</summary>
    public long TakeBytes() => Interlocked.Exchange(ref _bytes, 0);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task ReadAsync(HttpContext context)
    {
        while (true)
        {
            var read = await context.Request.BodyReader.ReadAsync();
            Interlocked.Add(ref _bytes, read.Buffer.Length);
            context.Request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return;
        }
    }
}
