using ServerlessSync.Core.Model;

namespace ServerlessSync.Core.Datasets.Records;

/// <summary>A record's full key: imported data may use the same id in two stores.</summary>
internal readonly record struct StoreKey(string Store, JsonId Id)
{
    /// <summary>Compares as the clients do: by store and string form.</summary>
    public static IEqualityComparer<StoreKey> ByForm { get; } =
        EqualityComparer<StoreKey>.Create(
            static (left, right) =>
                string.Equals(left.Store, right.Store, StringComparison.Ordinal) && left.Id.HasSameFormAs(right.Id),
            static key => HashCode.Combine(key.Store, JsonId.ByForm.GetHashCode(key.Id))
        );
}
