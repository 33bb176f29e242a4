using System.Text.Json.Serialization;

namespace ServerlessSync.PubSubEmulator.Rest;

/// <summary>The body of an error answer.</summary>
internal sealed record ErrorBody(string Code, string Message, string Target);

/// <summary>One connection in a group's list.</summary>
internal sealed record MemberBody(string ConnectionId, string? UserId);

/// <summary>One page of a group's list.</summary>
internal sealed record MembersBody(IReadOnlyList<MemberBody> Value, string? NextLink);

/// <summary>The body of <c>:addToGroups</c> and <c>:removeFromGroups</c>.</summary>
internal sealed record GroupsBody(IReadOnlyList<string?>? Groups, string? Filter);

/// <summary>The answer of <c>:generateToken</c>.</summary>
internal sealed record TokenBody(string Token);

/// <summary>The serialization of the data plane.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(ErrorBody))]
[JsonSerializable(typeof(MembersBody))]
[JsonSerializable(typeof(GroupsBody))]
[JsonSerializable(typeof(TokenBody))]
internal sealed partial class RestJson : JsonSerializerContext;
