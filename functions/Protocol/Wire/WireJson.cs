using System.Text.Json.Serialization;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Protocol.Wire;

/// <summary>The generated serialization code of all wire types.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    MaxDepth = MessageLimits.DepthMax,
    Converters = [typeof(JsonIdConverter)]
)]
[JsonSerializable(typeof(ClientFrame))]
[JsonSerializable(typeof(LoginFields))]
[JsonSerializable(typeof(ProjectFields))]
[JsonSerializable(typeof(VersionContentFields))]
[JsonSerializable(typeof(ProjectChangeFields))]
[JsonSerializable(typeof(RevisionFields))]
[JsonSerializable(typeof(ErrorFrame))]
[JsonSerializable(typeof(ServerFrame<LoginData>), TypeInfoPropertyName = "LoginFrame")]
[JsonSerializable(typeof(ServerFrame<UserNameData>), TypeInfoPropertyName = "UserNameFrame")]
[JsonSerializable(typeof(ServerFrame<EmptyData>), TypeInfoPropertyName = "EmptyFrame")]
[JsonSerializable(typeof(ServerFrame<UsersData>), TypeInfoPropertyName = "UsersFrame")]
[JsonSerializable(typeof(ServerFrame<ProjectsData>), TypeInfoPropertyName = "ProjectsFrame")]
[JsonSerializable(typeof(ServerFrame<DatasetData>), TypeInfoPropertyName = "DatasetFrame")]
[JsonSerializable(typeof(ServerFrame<ProjectChangeData>), TypeInfoPropertyName = "ProjectChangeFrame")]
[JsonSerializable(typeof(ServerFrame<ResetData>), TypeInfoPropertyName = "ResetFrame")]
[JsonSerializable(typeof(ServerFrame<ProjectData>), TypeInfoPropertyName = "ProjectFrame")]
[JsonSerializable(typeof(ServerFrame<VersionContentData>), TypeInfoPropertyName = "VersionContentFrame")]
[JsonSerializable(typeof(ServerFrame<VersionData>), TypeInfoPropertyName = "VersionFrame")]
internal sealed partial class WireJson : JsonSerializerContext;
