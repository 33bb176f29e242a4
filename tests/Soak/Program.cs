using ServerlessSync.Soak;

var parsed = SoakCommand.Create().Parse(args);
var exit = await parsed.InvokeAsync();
// 1 is reserved for a run with findings.
return parsed.Errors.Count > 0 ? SoakCommand.CannotRun : exit;
