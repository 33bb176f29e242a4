using ServerlessSync.EndToEnd.Sockets;

namespace ServerlessSync.EndToEnd.Sync;

/// <summary>Two pages and the stored state, before and after one of them sends an invalid message.</summary>
internal sealed class Bystander(Plan plan, Page sender, Page other, Frame before)
{
    public Page Sender => sender;

    public Page Other => other;

    public static async Task<Bystander> OfAsync(Plan plan)
    {
        var pages = await Task.WhenAll(plan.EnterAsync("Sender"), plan.EnterAsync("Other"));
        await pages[0].LoadAsync();
        return new Bystander(plan, pages[0], pages[1], await pages[1].LoadAsync());
    }

    /// <summary>Nothing is stored, no client is notified, and both pages continue as before.</summary>
    public async Task AssertUndisturbedAsync()
    {
        await sender.ExpectNothingAsync();
        await AssertOtherUndisturbedAsync();
        var published = await sender.ChangeAsync(Say.Rename("10", "Still at work"));
        await sender.ExpectAsync(published);
        await other.ExpectAsync(published);
    }

    /// <summary>The same when the sender is disconnected.</summary>
    public async Task AssertOtherUndisturbedAsync()
    {
        await other.ExpectNothingAsync();
        Assert.Equal(before.Text, (await plan.LoadAsync()).Text);
        await other.ExpectAsync(await other.ChangeAsync(Say.Rename("10", "At work")));
        if (sender.Socket.CloseStatus is null)
        {
            await sender.RevisionsAsync(1);
        }
    }
}
