using ServerlessSync.FunctionsHost.Rpc;

namespace ServerlessSync.FunctionsHost;

/// <summary>The message that the host sends when a timer is due.</summary>
internal static class TimerInvocation
{
    private const string OnTime = """{"Schedule":{"AdjustForDST":true},"ScheduleStatus":null,"IsPastDue":false}""";

    public static InvocationRequest Of(Function function, string id)
    {
        var invocation = new InvocationRequest
        {
            InvocationId = id,
            FunctionId = function.Id,
            TraceContext = new RpcTraceContext(),
        };
        invocation.InputData.Add(new ParameterBinding { Name = function.Parameter, Data = new TypedData { Json = OnTime } });
        return invocation;
    }
}
