using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ServerlessSync.Api.Http;
using ServerlessSync.Composition.Settings;
using ServerlessSync.WebPubSub.EventHandling;

namespace ServerlessSync.Infra.Tests;

/// <summary>The hub calls the code where it listens, with a token that it takes.</summary>
public sealed partial class Event_handler(Templates templates)
{
    private const string HubType = "Microsoft.SignalRService/webPubSub/hubs";

    [Fact]
    public async Task The_address_is_the_route_of_the_code()
    {
        var template = Snapshot.TextAt((await templates.Production).EventHandler(), "urlTemplate")!;

        // Braces are doubled inside format().
        Assert.StartsWith(
            $"[format('https://{{0}}{EventRoute.Pattern.Replace("{event}", "{{event}}", StringComparison.Ordinal)}', ",
            template,
            StringComparison.Ordinal
        );
        Assert.EndsWith(".defaultHostName)]", template, StringComparison.Ordinal);
        Assert.Contains(
            "Route = EventRoute.BelowPrefix",
            Repository.Read("functions/App/EventHandlerFunction.cs"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_prefix_of_the_route_is_that_of_the_host() =>
        Assert.Equal(
            EventRoute.Pattern,
            $"/{Snapshot.TextAt(JsonNode.Parse(Repository.Read("host.json")), "extensions.http.routePrefix")}/{EventRoute.BelowPrefix}"
        );

    [Fact]
    public async Task Exactly_the_events_that_the_code_knows_are_sent()
    {
        var handler = (await templates.Production).EventHandler();
        var known = EventType()
            .Matches(Repository.Read("functions/WebPubSub/EventHandling/EventHeaders.cs"))
            .Select(match => match.Groups["name"].Value);

        Assert.Equal(
            ["connect", "connected", "disconnected"],
            handler["systemEvents"]!.AsArray().Select(name => (string)name!)
        );
        Assert.Equal(
            known.Order(StringComparer.Ordinal),
            handler["systemEvents"]!.AsArray().Select(name => (string)name!).Order(StringComparer.Ordinal)
        );
        Assert.Equal("message", Snapshot.TextAt(handler, "userEventPattern"));
        Assert.Contains(
            "\"azure.webpubsub.user.message\"",
            Repository.Read("functions/WebPubSub/EventHandling/EventHeaders.cs"),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task The_token_is_for_the_audience_that_the_code_expects()
    {
        foreach (
            var snapshot in new[] { await templates.Development, await templates.Production, await templates.Switched }
        )
        {
            var auth = snapshot.EventHandler()["auth"];

            Assert.Equal("ManagedIdentity", (string?)auth!["type"]);
            Assert.Equal(
                snapshot.Settings()["Sync__EventHandler__Audience"],
                Snapshot.TextAt(auth, "managedIdentity.resource")
            );
        }
    }

    [Fact]
    public async Task The_hub_is_the_one_of_the_setting_and_of_the_code()
    {
        var production = await templates.Production;
        var hub = ((string)production.Single(HubType)["name"]!).Split('/')[1];

        Assert.Equal(production.Settings()["Sync__WebPubSub__Hub"], hub);
        Assert.Equal(hub.ToLowerInvariant(), hub);
        Assert.Equal(new WebPubSubSettings().Hub, hub);
    }

    [Fact]
    public async Task The_service_lets_in_whom_the_app_lets_in()
    {
        Assert.Equal(
            "deny",
            Snapshot.TextAt((await templates.Production).Single(HubType), "properties.anonymousConnectPolicy")
        );
        Assert.Equal(
            "deny",
            Snapshot.TextAt((await templates.Development).Single(HubType), "properties.anonymousConnectPolicy")
        );
        Assert.Equal(
            "allow",
            Snapshot.TextAt((await templates.Switched).Single(HubType), "properties.anonymousConnectPolicy")
        );
    }

    [Fact]
    public async Task The_second_lock_lets_the_handshake_through_and_no_event()
    {
        var lockSettings = (await templates.Production).Single("Microsoft.Web/sites/config")["properties"];
        var open = Snapshot
            .At(lockSettings, "globalValidation.excludedPaths")!
            .AsArray()
            .Select(path => (string)path!)
            .ToList();
        var directory = Snapshot.At(lockSettings, "identityProviders.azureActiveDirectory");

        Assert.True((bool)Snapshot.At(lockSettings, "globalValidation.requireAuthentication")!);
        Assert.Equal("Return401", Snapshot.TextAt(lockSettings, "globalValidation.unauthenticatedClientAction"));
        Assert.Contains(EventRoute.Pattern.Replace("{event}", "validate", StringComparison.Ordinal), open);
        Assert.Single(open, path => path.StartsWith("/api/eventhandler", StringComparison.Ordinal));
        // What people call with tokens of another issuer, and nothing more.
        Assert.Equal(
            ["/api/eventhandler/validate", "/api/health", "/api/negotiate", "/api/projects", "/api/projects/*"],
            open
        );
        Assert.Equal(("health", "negotiate", "projects/{*path}"), (ApiRoutes.Health, ApiRoutes.Negotiate, ApiRoutes.Projects));
        Assert.Equal(
            [Templates.Audience, $"api://{Templates.Audience}"],
            Snapshot.At(directory, "validation.allowedAudiences")!.AsArray().Select(audience => (string)audience!)
        );
        Assert.Equal(Templates.Audience, Snapshot.TextAt(directory, "registration.clientId"));
        Assert.Contains(
            "/webPubSub/",
            (string?)
                Assert.Single(
                    Snapshot
                        .At(directory, "validation.defaultAuthorizationPolicy.allowedPrincipals.identities")!
                        .AsArray()
                ),
            StringComparison.Ordinal
        );
        Assert.Empty((await templates.Development).Of("Microsoft.Web/sites/config"));
    }

    [GeneratedRegex(
        @"SystemEvent \+ ""(?<name>\w+)""",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex EventType();
}
