using System.Globalization;
using System.Text;

namespace ServerlessSync.Support;

/// <summary>A plan of many tasks, ten per phase, each linked to the next.</summary>
public static class LargePlan
{
    /// <summary>The plan as a client would send it.</summary>
    public static string Json(int tasks)
    {
        var json = new StringBuilder("{\"tasksData\":[");
        for (var task = 1; task <= tasks; task++)
        {
            var isPhase = task % 10 == 1;
            json.Append(
                CultureInfo.InvariantCulture,
                $$"""{{(task == 1 ? "" : ",")}}{"id":"tasks-{{task}}",{{(isPhase ? "" : $"\"parentId\":\"tasks-{task - ((task - 1) % 10)}\",")}}"name":"Task number {{task}}","startDate":"2026-01-05T08:00:00","endDate":"2026-01-09T17:00:00","duration":5,"durationUnit":"day","percentDone":{{task % 100}},"manuallyScheduled":false,"effort":40.50,"orderedParentIndex":{{(isPhase ? task / 10 : (task - 2) % 10)}},"note":"something that people write about it"}"""
            );
        }

        json.Append("],\"dependenciesData\":[");
        for (var link = 1; link < tasks; link++)
        {
            json.Append(
                CultureInfo.InvariantCulture,
                $$"""{{(link == 1 ? "" : ",")}}{"id":{{link}},"fromEvent":"tasks-{{link}}","toEvent":"tasks-{{link + 1}}","type":2,"lag":0,"lagUnit":"day","active":true}"""
            );
        }

        return json.Append("]}").ToString();
    }
}
