using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Radar.Api.Access;
using Radar.Market.Store;

namespace Radar.Api.Http.Access;

/// <summary>
/// Takes tickets, <c>?ticket=…</c>, where <see cref="TakesTickets"/> says so: a browser's <c>EventSource</c> sends no headers. A ticket is
/// taken once, and is no secret any more when it reaches a log.
/// </summary>
internal sealed class TicketAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory loggers, UrlEncoder encoder, TicketRecords tickets,
    CallerStore callers, WrongCredentials wrong) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public const string Name = "ticket";

    /// <summary>Of the query string.</summary>
    public const string Parameter = "ticket";

    /// <summary>Why a ticket is refused.</summary>
    public const string Refusal = "The ticket is unknown, used or over. Each opens one stream, within 30 s: get a new one.";

    /// <summary>How long a ticket counts.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private const string Prefix = "rt_";
    private const int SecretBytes = 32;
    private const int Length = 3 + (2 * SecretBytes);

    /// <summary>Whether a request carries one, where one is taken.</summary>
    public static bool IsSent(HttpContext context) =>
        context.Request.Query.ContainsKey(Parameter) && context.GetEndpoint()?.Metadata.GetMetadata<TakesTickets>() is not null;

    /// <summary>A new ticket for a caller.</summary>
    public static async Task<string> CreateAsync(TicketRecords tickets, Caller caller)
    {
        string ticket = Prefix + RandomNumberGenerator.GetHexString(2 * SecretBytes, lowercase: true);
        await tickets.AddAsync(Hash(ticket), caller.Credential.Format(), Lifetime);
        return ticket;
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Query[Parameter] is not [{ } ticket] || ticket.Length != Length || !ticket.StartsWith(Prefix, StringComparison.Ordinal)
            || wrong.AreTooMany(Context))
            return AuthenticateResult.Fail(Refusal);
        string? record;
        try
        {
            record = await tickets.TakeAsync(Hash(ticket));
        }
        catch (Exception e) when (StoreFaults.IsAway(e))
        {
            return AuthenticateResult.Fail(e);
        }

        return callers.Find(Credential.TryParse(record), Name) is { } caller
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(caller), Name))
            : AuthenticateResult.Fail(Refusal);
    }

    private static string Hash(string ticket) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(ticket)));
}

/// <summary>Metadata of a route that tickets open.</summary>
internal sealed class TakesTickets;
