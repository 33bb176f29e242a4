namespace ServerlessSync.FunctionsHost.Tests;

/// <summary>NCRONTAB with seconds.</summary>
public sealed class Reading_schedules
{
    [Theory]
    [InlineData("0 * * * * *", "2027-01-04T09:00:00", "2027-01-04T09:01:00")]
    [InlineData("0 * * * * *", "2027-01-04T09:00:59.5", "2027-01-04T09:01:00")]
    [InlineData("*/20 * * * * *", "2027-01-04T09:00:41", "2027-01-04T09:01:00")]
    [InlineData("0 30 9 * * 1-5", "2027-01-08T10:00:00", "2027-01-11T09:30:00")]
    [InlineData("0 0 0 29 2 *", "2027-01-04T09:00:00", "2028-02-29T00:00:00")]
    [InlineData("15,45 0 12 1 1,7 *", "2027-01-04T09:00:00", "2027-07-01T12:00:15")]
    [InlineData("0 50/5 * * * *", "2027-01-04T09:00:00", "2027-01-04T09:50:00")]
    public void The_next_time_is_the_first_that_every_field_allows(string schedule, string now, string next) =>
        Assert.Equal(Utc(next), TimerSchedule.Parse(schedule).Next(Utc(now)));

    [Theory]
    [InlineData("* * * * *")]
    [InlineData("60 * * * * *")]
    [InlineData("0 0 0 0 * *")]
    [InlineData("0 * * * * MON")]
    [InlineData("0 */0 * * * *")]
    public void What_is_no_schedule_is_refused(string schedule) => Assert.Throws<FormatException>(() => TimerSchedule.Parse(schedule));

    private static DateTimeOffset Utc(string text) =>
        DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);
}
