using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace ServerlessSync.Api.Http;

/// <summary>Numbers in a request's query or body: how they are read, and the answer to one that is out of range.</summary>
internal static class QueryNumber
{
    /// <summary>
    /// Reads a number from the query; null when it is absent. Returns false when the value is not a number in range.
    /// </summary>
    public static bool TryRead(ApiRequest request, string name, long minimum, out long? number)
    {
        number = null;
        if (!request.Context.Request.Query.TryGetValue(name, out var text))
        {
            return true;
        }

        if (!long.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var read) || read < minimum)
        {
            return false;
        }

        number = read;
        return true;
    }

    public static IResult OutOfRange(string field, long minimum) =>
        ProblemResults.Bad(string.Create(CultureInfo.InvariantCulture, $"{field}: must be a whole number of at least {minimum}"));
}
