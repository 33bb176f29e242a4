// These tests mostly wait for a server, so more of them than there are processors can run at once.
[assembly: Xunit.v3.Parallelization(MaxThreads = 8)]
