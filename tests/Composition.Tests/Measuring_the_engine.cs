using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using ServerlessSync.Composition.Telemetry;
using ServerlessSync.Core.Limits;
using ServerlessSync.Core.Model;

namespace ServerlessSync.Composition.Tests;

public sealed class Measuring_the_engine
{
    private static readonly ProjectId Project = new(JsonId.Of(1));

    [Fact]
    public void A_commit_is_measured_with_its_size_and_the_races_it_lost()
    {
        using var services = new ServiceCollection().AddMetrics().AddSingleton<MeteringObserver>().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var seconds = new MetricCollector<double>(meters, MeteringObserver.MeterName, "sync.commit.duration");
        using var entries = new MetricCollector<int>(meters, MeteringObserver.MeterName, "sync.commit.entries");
        using var conflicts = new MetricCollector<long>(meters, MeteringObserver.MeterName, "sync.commit.conflicts");
        var observer = services.GetRequiredService<MeteringObserver>();

        observer.Committed(Project, revision: 5, entries: 3, attempts: 1, TimeSpan.FromMilliseconds(20));
        observer.Committed(Project, revision: 6, entries: 1, attempts: 3, TimeSpan.FromMilliseconds(50));

        Assert.Equal([0.02, 0.05], seconds.GetMeasurementSnapshot().Select(static measured => measured.Value));
        Assert.Equal([3, 1], entries.GetMeasurementSnapshot().Select(static measured => measured.Value));
        Assert.Equal([2L], conflicts.GetMeasurementSnapshot().Select(static measured => measured.Value));
    }

    [Fact]
    public void A_limit_that_was_reached_is_counted_by_its_kind_and_what_became_of_it()
    {
        using var services = new ServiceCollection().AddMetrics().AddSingleton<MeteringObserver>().BuildServiceProvider();
        using var reached = new MetricCollector<long>(
            services.GetRequiredService<IMeterFactory>(),
            MeteringObserver.MeterName,
            "sync.limits.reached"
        );

        services.GetRequiredService<MeteringObserver>().LimitReached(LimitKind.SignIns, LimitAction.Refused);

        var tags = Assert.Single(reached.GetMeasurementSnapshot()).Tags;
        Assert.Equal(["action refused", "limit sign_ins"], tags.Select(static tag => $"{tag.Key} {tag.Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_failure_tells_its_kind_and_no_project()
    {
        using var services = new ServiceCollection().AddMetrics().AddSingleton<MeteringObserver>().BuildServiceProvider();
        using var failures = new MetricCollector<long>(
            services.GetRequiredService<IMeterFactory>(),
            MeteringObserver.MeterName,
            "sync.failures"
        );

        services.GetRequiredService<MeteringObserver>().Failed(Project, new InvalidDataException("unreadable"));

        var tags = Assert.Single(failures.GetMeasurementSnapshot()).Tags;
        Assert.Equal("InvalidDataException", Assert.Single(tags).Value);
    }
}
