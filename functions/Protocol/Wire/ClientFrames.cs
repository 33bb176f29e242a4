namespace ServerlessSync.Protocol.Wire;

// What a browser sends, one record per shape (docs/protocol-facts.md#commands). Fields that are not
// named here are stepped over; a frame that repeats a name in one object has been refused before.

/// <summary>The envelope of every message.</summary>
internal sealed record ClientFrame(JsonSlice Command, JsonSlice Data);

/// <summary><c>data</c> of <c>login</c>.</summary>
internal sealed record LoginFields(JsonSlice Login, JsonSlice Password);

/// <summary><c>data</c> of <c>dataset</c>, <c>reset</c> and <c>request_version_autosave</c>.</summary>
internal sealed record ProjectFields(JsonSlice Project);

/// <summary><c>data</c> of <c>load_version_content</c>.</summary>
internal sealed record VersionContentFields(JsonSlice Project, JsonSlice VersionId);

/// <summary><c>data</c> of <c>project_change</c>; <c>session</c> and <c>datasetRevision</c> are extensions of our client.</summary>
internal sealed record ProjectChangeFields(
    JsonSlice Project,
    JsonSlice Client,
    JsonSlice Session,
    JsonSlice DatasetRevision,
    JsonSlice Revisions
);

/// <summary>One of <c>data.revisions</c>.</summary>
internal sealed record RevisionFields(
    JsonSlice Revision,
    JsonSlice ClientId,
    JsonSlice ConflictResolutionFor,
    JsonSlice Changes
);
