using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using ServerlessSync.Core.Model;
using ServerlessSync.Protocol.Wire;

namespace ServerlessSync.Protocol.Reading;

/// <summary>
/// Reads <c>project_change</c>. It is taken as a whole or not at all: a revision without usable <c>changes</c> would
/// kill every client that gets it (docs/protocol-facts.md#what-stops-a-page-for-good), and leaving one out would stop
/// its author (#what-stops-a-client-until-it-loads there).
/// </summary>
internal static class ProjectChangeReader
{
    /// <summary>Reads the object under <c>data</c>.</summary>
    public static ClientCommand Read(ReadOnlyMemory<byte> data)
    {
        var fields = FrameReader.Fields(data, WireJson.Default.ProjectChangeFields);
        if (!FieldReader.TryReadProject(fields.Project, data, out var project))
        {
            return Invalid(FieldErrors.Project, project: null);
        }

        if (!FieldReader.TryReadToken(fields.Client, data, out var client))
        {
            return Invalid(FieldErrors.Client, project);
        }

        if (!FieldReader.TryReadSession(fields.Session, data, out var session))
        {
            return Invalid(FieldErrors.Session, project);
        }

        if (!FieldReader.TryReadRevisionNumber(fields.DatasetRevision, data, out var datasetRevision))
        {
            return Invalid(FieldErrors.DatasetRevision, project);
        }

        if (fields.Revisions.Kind != JsonTokenType.StartArray)
        {
            return Invalid(FieldErrors.Revisions, project);
        }

        return TryReadRevisions(fields.Revisions.In(data), client, out var revisions, out var error)
            ? new ClientCommand.ProjectChange(project, revisions, session, datasetRevision)
            : Invalid(error, project);
    }

    private static ClientCommand.Invalid Invalid(string error, ProjectId? project) =>
        new(CommandNames.ProjectChange, error, project);

    private static bool TryReadRevisions(
        ReadOnlyMemory<byte> array,
        string? client,
        out List<SubmittedRevision> revisions,
        [NotNullWhen(false)] out string? error
    )
    {
        revisions = [];
        error = null;
        var reader = new Utf8JsonReader(array.Span);
        reader.Read();
        while (error is null && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (revisions.Count == MessageLimits.RevisionsMax)
            {
                error = FieldErrors.RevisionsMax;
                return false;
            }

            if (reader.TokenType != JsonTokenType.StartObject)
            {
                error = FieldErrors.Revision(revisions.Count);
                return false;
            }

            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var revision = array[start..(int)reader.BytesConsumed];
            if (TryReadRevision(revision, revisions.Count, client, out var submitted, out error))
            {
                revisions.Add(submitted);
            }
        }

        error ??= revisions.Count == 0 ? FieldErrors.Revisions : null;
        return error is null;
    }

    private static bool TryReadRevision(
        ReadOnlyMemory<byte> json,
        int index,
        string? messageClient,
        [NotNullWhen(true)] out SubmittedRevision? revision,
        [NotNullWhen(false)] out string? error
    )
    {
        revision = null;
        var fields = FrameReader.Fields(json, WireJson.Default.RevisionFields);
        if (!FieldReader.TryReadToken(fields.Revision, json, out var local) || local is null)
        {
            error = FieldErrors.RevisionToken(index, "revision");
            return false;
        }

        if (!FieldReader.TryReadToken(fields.ClientId, json, out var client))
        {
            error = FieldErrors.RevisionToken(index, "clientId");
            return false;
        }

        if (!FieldReader.TryReadToken(fields.ConflictResolutionFor, json, out var conflict))
        {
            error = FieldErrors.RevisionToken(index, "conflictResolutionFor");
            return false;
        }

        if (fields.Changes.Kind != JsonTokenType.StartObject)
        {
            error = FieldErrors.Changes(index);
            return false;
        }

        revision = new SubmittedRevision(local, client ?? messageClient, conflict, fields.Changes.In(json));
        error = null;
        return true;
    }
}
