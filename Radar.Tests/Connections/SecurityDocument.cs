using Confluent.Kafka.Admin;
using Radar.Tests.Fixtures;

namespace Radar.Tests.Connections;

/// <summary>The rights of the services as docs/security.md has them, to copy: the tests run with these.</summary>
internal static class SecurityDocument
{
    /// <summary>librdkafka has it, Confluent's client has no name for it.</summary>
    private const ResourceType TransactionalId = (ResourceType)5;

    private const string RedisLine = "ACL SETUSER ", KafkaLine = "$acl --allow-principal User:";

    /// <summary>What <c>ACL SETUSER</c> gets for a user, but for its password.</summary>
    public static string[] RedisRulesOf(string user) =>
        Lines(RedisLine + user + " ").Single()[(RedisLine.Length + user.Length + 1)..].Split(' ')
            .Where(static rule => !rule.StartsWith('>')).ToArray();

    /// <summary>All users of Kafka.</summary>
    public static IEnumerable<string> KafkaUsers() =>
        Lines(KafkaLine).Select(static line => line[KafkaLine.Length..].Split(' ')[0]).Distinct();

    /// <summary>The rights of all users; each operation is one.</summary>
    public static IEnumerable<AclBinding> KafkaRights() => Lines(KafkaLine).SelectMany(RightsOf);

    private static IEnumerable<AclBinding> RightsOf(string line)
    {
        string[] words = line.Split(' ');
        string Value(string option) => words[Array.IndexOf(words, option) + 1];
        (string option, ResourceType type) = words.Contains("--topic") ? ("--topic", ResourceType.Topic)
            : words.Contains("--group") ? ("--group", ResourceType.Group)
            : ("--transactional-id", TransactionalId);
        var pattern = new ResourcePattern
        {
            Type = type, Name = Value(option),
            ResourcePatternType = words.Contains("--resource-pattern-type") ? ResourcePatternType.Prefixed : ResourcePatternType.Literal,
        };
        return words.Index().Where(word => word.Item == "--operation").Select(word => new AclBinding
        {
            Pattern = pattern,
            Entry = new AccessControlEntry
            {
                Principal = Value("--allow-principal"), Host = "*", PermissionType = AclPermissionType.Allow,
                Operation = Enum.Parse<AclOperation>(words[word.Index + 1]),
            },
        });
    }

    private static IEnumerable<string> Lines(string begin) =>
        File.ReadLines(Repository.File("docs/security.md")).Where(line => line.StartsWith(begin, StringComparison.Ordinal));
}
