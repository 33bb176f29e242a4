using ServerlessSync.Soak;

var parsed = SoakCommand.Create().Parse(args);
var exit = await parsed.InvokeAsync();
// 1 is kept for a run that found something.
return parsed.Errors.Count > 0 ? SoakCommand.CannotRun : exit;
