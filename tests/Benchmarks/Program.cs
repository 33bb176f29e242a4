using System.CommandLine;
using ServerlessSync.Benchmarks.Fold;
using ServerlessSync.Benchmarks.Fuzz;
using ServerlessSync.Benchmarks.Load;

var root = new RootCommand("Programs that measure the system. They decide nothing and are not part of the tests.")
{
    LoadCommand.Create(),
    FoldCommand.Create(),
    FuzzCommand.Create(),
};
var parsed = root.Parse(args);
var exit = await parsed.InvokeAsync();
// 1 is reserved for a measurement with an incorrect result.
return parsed.Errors.Count > 0 ? LoadCommand.CannotRun : exit;
