using System.Globalization;
using Microsoft.AspNetCore.Http;
using ServerlessSync.Core.Projects;

namespace ServerlessSync.Api.Http;

/// <summary>Turns the results of <see cref="ProjectAdministration"/> into responses.</summary>
internal static class AdministrationAnswers
{
    public static IResult Translate(AdministrationResult result) =>
        result switch
        {
            AdministrationResult.Done => Results.NoContent(),
            AdministrationResult.NotFound => ProblemResults.NotFound(),
            AdministrationResult.NotAllowed => ProblemResults.Problem(StatusCodes.Status403Forbidden, "Only an owner of the project may do this."),
            AdministrationResult.Exists => ProblemResults.Problem(StatusCodes.Status409Conflict, "id: is in use or was in use"),
            AdministrationResult.NotReached notReached => ProblemResults.Problem(
                StatusCodes.Status404NotFound,
                string.Create(CultureInfo.InvariantCulture, $"revision: at most {notReached.Last}, the project's last revision")
            ),
            AdministrationResult.NotRetained notRetained => ProblemResults.Problem(
                StatusCodes.Status410Gone,
                string.Create(CultureInfo.InvariantCulture, $"revision: at least {notRetained.First}; older revisions are no longer retained")
            ),
            AdministrationResult.Quarantined quarantined => ProblemResults.Problem(StatusCodes.Status409Conflict, quarantined.Reason),
            AdministrationResult.Refused refused => ProblemResults.Problem(StatusCodes.Status400BadRequest, refused.Reason),
            AdministrationResult.Unavailable unavailable => ProblemResults.Problem(StatusCodes.Status503ServiceUnavailable, unavailable.Reason),
            _ => throw new InvalidOperationException("This request cannot have this result."),
        };
}
