// These tests wait for a server most of the time, so that more of them than there are processors can be under way.
[assembly: Xunit.v3.Parallelization(MaxThreads = 8)]
