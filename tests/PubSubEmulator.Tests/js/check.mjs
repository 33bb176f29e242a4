// Uses the emulator like an application with Microsoft's libraries: their event handler receives messages of clients,
// and their publisher sends to them. Prints the port of the event handler, reads the connection string from its input,
// and exits with 0 when all checks pass.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline";
import express from "express";
import WebSocket from "ws";
import { WebPubSubServiceClient, odata } from "@azure/web-pubsub";
import { WebPubSubEventHandler } from "@azure/web-pubsub-express";

const seen = { connect: [], connected: [], disconnected: [] };

function startEventHandler() {
  const handler = new WebPubSubEventHandler("sync", {
    path: "/events",
    handleConnect(request, response) {
      seen.connect.push(request);
      if (request.claims?.banned) {
        response.fail(401, "banned");
        return;
      }
      response.setState("count", 0);
      response.success({ groups: ["welcome"] });
    },
    handleUserEvent(request, response) {
      const count = request.context.states.count + 1;
      response.setState("count", count);
      response.success(JSON.stringify({ echo: request.data, type: request.dataType, count }), "json");
    },
    onConnected: (request) => seen.connected.push(request.context),
    onDisconnected: (request) => seen.disconnected.push(request),
  });
  const app = express();
  app.use(handler.getMiddleware());
  return new Promise((resolve) => {
    const server = app.listen(0, "127.0.0.1", () => resolve(server));
  });
}

class Client {
  #frames = [];
  #waiting = [];

  static async open(service, options) {
    const { url } = await service.getClientAccessToken(options);
    const client = new Client();
    client.socket = new WebSocket(url);
    client.closed = new Promise((resolve) =>
      client.socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() })),
    );
    client.socket.on("message", (data, isBinary) => {
      const frame = { text: data.toString(), isBinary };
      const next = client.#waiting.shift();
      next ? next(frame) : client.#frames.push(frame);
    });
    await once(client.socket, "open");
    return client;
  }

  next() {
    return this.#frames.length > 0
      ? Promise.resolve(this.#frames.shift())
      : new Promise((resolve) => this.#waiting.push(resolve));
  }

  async texts(...expected) {
    for (const text of expected) {
      assert.deepEqual(await this.next(), { text, isBinary: false });
    }
  }
}

async function idsOf(group, options) {
  const ids = [];
  // Version 1.2.0 of the library returns a promise where its declaration states a value.
  for await (const connection of await group.listConnections(options)) {
    ids.push(connection.connectionId);
  }
  return ids.sort();
}

async function checkEvents(service, client) {
  client.socket.send('{"a":1}');
  client.socket.send("two");
  await client.texts(
    JSON.stringify({ echo: '{"a":1}', type: "text", count: 1 }),
    JSON.stringify({ echo: "two", type: "text", count: 2 }),
  );
  assert.equal(seen.connect[0].context.userId, "ann");
  assert.equal(seen.connect[0].context.hub, "sync");
  assert.equal(seen.connected[0].userId, "ann");

  await assert.rejects(Client.open(service, { userId: "eve", roles: [], groups: [] , expirationTimeInMinutes: -10 }), /401/);
}

async function checkSends(service, ann, bob, ids) {
  const group = service.group("g");
  await group.addConnection(ids.ann);
  await group.addConnection(ids.bob);
  assert.equal(await service.groupExists("g"), true);
  assert.equal(await service.groupExists("nobody"), false);

  await service.sendToAll({ n: 1 });
  await service.sendToAll("plain", { contentType: "text/plain" });
  await service.sendToAll("filtered", { contentType: "text/plain", filter: odata`userId eq ${"ann"}` });
  await service.sendToAll("not bob", { contentType: "text/plain", excludedConnections: [ids.bob] });
  await group.sendToAll({ n: 2 }, { messageTtlSeconds: 60 });
  await group.sendToAll("not ann", { contentType: "text/plain", excludedConnections: [ids.ann] });
  await group.sendToAll("of group", { contentType: "text/plain", filter: "'g' in groups and not startswith(userId, 'a')" });
  await service.sendToUser("ann", { n: 3 });
  await service.sendToConnection(ids.bob, { n: 4 });
  await ann.texts('{"n":1}', "plain", "filtered", "not bob", '{"n":2}', '{"n":3}');
  await bob.texts('{"n":1}', "plain", '{"n":2}', "not ann", "of group", '{"n":4}');

  await service.sendToUser("ann", Buffer.from([1, 2]));
  assert.equal((await ann.next()).isBinary, true);
  await group.removeConnection(ids.ann);
  await group.sendToAll("after leaving", { contentType: "text/plain" });
  await bob.texts("after leaving");
  await assert.rejects(group.addConnection("gone"), (error) => error.statusCode === 404);
  await assert.rejects(service.sendToAll("x", { contentType: "text/plain", filter: "nonsense" }), (error) =>
    error.statusCode === 400 && /Invalid syntax for 'nonsense'/.test(error.message));
}

async function checkGroups(service, ids) {
  const [one, two] = [service.group("p.1"), service.group("a/b c")];
  await one.addUser("ann");
  await one.addUser("bob");
  assert.deepEqual(await idsOf(one), [ids.ann, ids.bob].sort());
  assert.deepEqual(await idsOf(one, { top: 1 }), [[ids.ann, ids.bob].sort()[0]]);
  const pages = [];
  for await (const page of (await one.listConnections({ maxPageSize: 1 })).byPage()) {
    pages.push(page.length);
  }
  assert.deepEqual(pages, [1, 1]);

  await service.addConnectionsToGroups(["a/b c", "p.3"], "'p.1' in groups");
  await service.removeConnectionsFromGroups(["p.1"], odata`userId eq ${"ann"}`);
  assert.deepEqual(await idsOf(one), [ids.bob]);
  assert.deepEqual(await idsOf(two), [ids.ann, ids.bob].sort());
  await two.removeUser("ann");
  assert.deepEqual(await idsOf(two), [ids.bob]);
  await service.removeUserFromAllGroups("ann");
  await service.removeConnectionFromAllGroups(ids.bob);
  for (const name of ["a/b c", "p.1", "p.3"]) {
    assert.equal(await service.groupExists(name), false);
  }
}

async function checkPermissions(service, id) {
  assert.equal(await service.hasPermission(id, "sendToGroup", { targetName: "g" }), false);
  await service.grantPermission(id, "sendToGroup", { targetName: "g" });
  assert.equal(await service.hasPermission(id, "sendToGroup", { targetName: "g" }), true);
  await service.revokePermission(id, "sendToGroup", { targetName: "g" });
  assert.equal(await service.hasPermission(id, "sendToGroup", { targetName: "g" }), false);
}

async function checkEnds(service, ann, bob, ids) {
  assert.equal(await service.connectionExists(ids.ann), true);
  assert.equal(await service.userExists("ann"), true);
  await service.closeConnection(ids.ann, { reason: "done" });
  assert.deepEqual(await ann.closed, { code: 1000, reason: "" });
  assert.equal(await service.connectionExists(ids.ann), false);
  assert.equal(await service.userExists("ann"), false);
  while (seen.disconnected.length === 0) {
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(seen.disconnected[0].reason, "Application server closed the connection. Reason: done");

  await service.group("g").closeAllConnections();
  await service.closeUserConnections("nobody");
  await service.closeAllConnections({ excluded: [ids.bob] });
  assert.equal(await service.connectionExists(ids.bob), true);
  await service.closeUserConnections("bob", { reason: "done" });
  assert.equal((await bob.closed).code, 1000);
}

const server = await startEventHandler();
console.log(server.address().port);
const [connectionString] = await once(createInterface({ input: process.stdin }), "line");
const service = new WebPubSubServiceClient(connectionString, "sync", { allowInsecureConnection: true });
const ann = await Client.open(service, { userId: "ann" });
const bob = await Client.open(service, { userId: "bob", groups: ["early"], roles: ["webpubsub.sendToGroup"] });
const [annId] = await idsOf(service.group("welcome")).then((all) => all.filter((id) => id === seen.connect[0].context.connectionId));
const ids = { ann: annId, bob: seen.connect[1].context.connectionId };

console.log("events");
await checkEvents(service, ann);
console.log("sends");
await checkSends(service, ann, bob, ids);
console.log("groups");
await checkGroups(service, ids);
console.log("permissions");
await checkPermissions(service, ids.ann);
console.log("ends");
await checkEnds(service, ann, bob, ids);
console.log("everything holds");
process.exit(0);
