using ServerlessSync.Core.Identity;

namespace ServerlessSync.Core.Data;

/// <summary>A record's full name: imported data may use one id in two stores.</summary>
internal readonly record struct StoreKey(string Store, JsonId Id);
