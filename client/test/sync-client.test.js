import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RefusedError } from '../negotiate.js';
import { SyncClient } from '../sync-client.js';
import { FakeTimers, FakeWindow, fakeWebSockets, settle } from './fakes.js';

const rename = name => ({ tasks: { updated: [{ id: 1, name }] } });

function setUp(options = {}) {
  const timers = new FakeTimers();
  const WebSocket = fakeWebSockets();
  const environment = new FakeWindow();
  const client = new SyncClient({
    address: 'ws://sync.test/',
    userName: 'Hugo',
    project: 1,
    session: 'page-1',
    WebSocket,
    timers,
    environment,
    random: () => 0.5,
    ...options
  });
  const events = [];

  for (const type of ['state', 'users', 'join', 'leave', 'dataset', 'changes', 'answered', 'reset', 'access', 'error']) {
    client.on(type, payload => events.push({ type, ...payload }));
  }

  return {
    client,
    timers,
    environment,
    WebSocket,
    events,
    of: type => events.filter(event => event.type === type),
    get socket() {
      return WebSocket.last;
    },
    dataset(revision) {
      WebSocket.last.receive({ command: 'dataset', data: { project: 1, revision, dataset: { tasksData: [] } } });
    },
    change(...revisions) {
      WebSocket.last.receive({ command: 'project_change', data: { project: 1, revisions } });
    },
    async join(clientId = 'c-1', revision = 10) {
      await settle();
      WebSocket.last.open();
      WebSocket.last.receive({ command: 'login', data: { client: clientId, userName: 'Hugo' } });
      this.dataset(revision);
    }
  };
}

async function online(options) {
  const world = setUp(options);

  world.client.connect();
  await world.join();
  return world;
}

describe('Joining', () => {
  it('logs in, requests projects and dataset, and is online with the dataset', async () => {
    const world = setUp();

    world.client.connect();
    assert.equal(world.client.state, 'connecting');
    await world.join();

    assert.deepEqual(world.socket.commands(), ['login', 'projects', 'dataset']);
    assert.deepEqual(world.socket.sent[0].data, { login: 'Hugo', password: '' });
    assert.deepEqual(world.socket.sent[2].data, { project: 1 });
    assert.equal(world.client.state, 'online');
    assert.equal(world.client.revision, 10);
    assert.equal(world.client.clientId, 'c-1');
  });

  it('negotiates a new address for every attempt', async () => {
    let calls = 0;
    const world = setUp({ address: async () => `ws://sync.test/${++calls}` });

    world.client.connect();
    await settle();
    world.socket.drop();
    world.timers.advance(30_000);
    await settle();

    assert.deepEqual(world.WebSocket.all.map(({ url }) => url), ['ws://sync.test/1', 'ws://sync.test/2']);
  });

  it('retries when no address is available', async () => {
    let calls = 0;
    const world = setUp({
      address: async () => {
        if (++calls === 1) {
          throw new Error('503');
        }
        return 'ws://sync.test/';
      }
    });

    world.client.connect();
    await settle();
    assert.equal(world.client.state, 'offline');
    world.timers.advance(30_000);
    await world.join();
    assert.equal(world.client.state, 'online');
  });

  it('stops when the login is refused', async () => {
    const world = setUp();

    world.client.connect();
    await settle();
    world.socket.open();
    world.socket.receive({ command: 'login', error: 'Wrong username/password' });
    world.timers.advance(120_000);

    assert.equal(world.WebSocket.all.length, 1);
    assert.equal(world.client.state, 'offline');
    assert.equal(world.of('error')[0].message, 'Wrong username/password');
  });

  it('stops when the address is refused permanently, and reports that', async () => {
    const world = setUp({
      address: async () => {
        throw new RefusedError('The server gave no address (HTTP 403)', 403);
      }
    });

    world.client.connect();
    await settle();
    world.timers.advance(120_000);
    await settle();

    assert.equal(world.WebSocket.all.length, 0);
    assert.deepEqual(world.of('error'), [
      { type: 'error', command: 'connect', message: 'The server gave no address (HTTP 403)', final: true }
    ]);
    assert.equal(world.of('state').at(-1).final, true);
  });

  it('stops when access to the open project is revoked', async () => {
    const world = await online();

    world.client.requestDataset();
    world.socket.receive({ command: 'dataset', error: 'Authorization required' });
    world.timers.advance(120_000);
    await settle();
    assert.equal(world.WebSocket.all.length, 1);
    assert.equal(world.of('error')[0].final, true);
    assert.equal(world.of('state').at(-1).final, true);
  });

  it('waits as long as a rate limit demands', async () => {
    const world = setUp();

    world.client.connect();
    await settle();
    world.socket.open();
    world.socket.receive({ command: 'dataset', error: 'Too many loads; try again in 9 s', data: { project: 1 } });
    assert.equal(world.of('state').at(-1).retryInMs, 9_000);
    world.timers.advance(9_000);
    await world.join();
    assert.equal(world.client.state, 'online');
  });

  it('reports users who are present, arrive and leave', async () => {
    const world = await online();

    world.socket.receive({ command: 'users', data: { users: ['Hugo', null, 'Ines'] } });
    world.socket.receive({ command: 'join', data: { userName: 'Ines' } });
    world.socket.receive({ command: 'logout', data: { userName: 'Ines' } });

    assert.deepEqual(world.client.users, ['Hugo', 'Ines']);
    assert.equal(world.of('join')[0].userName, 'Ines');
    assert.equal(world.of('leave')[0].userName, 'Ines');
    assert.equal(world.client.state, 'online');
  });
});

describe('The order of revisions', () => {
  it('ignores known numbers and messages of other projects', async () => {
    const world = await online();

    world.change({ revision: 10, client: 'c-9', localRevision: 'local-1', changes: rename('old') });
    world.change({ revision: 11, client: 'c-9', localRevision: 'local-2', changes: rename('new') });
    world.change({ revision: 11, client: 'c-9', localRevision: 'local-2', changes: rename('new') });
    world.socket.receive({ command: 'project_change', data: { project: 2, revisions: [{ revision: 12, changes: {} }] } });

    assert.deepEqual(world.of('changes').flatMap(({ revisions }) => revisions.map(r => r.revision)), [11]);
    assert.equal(world.client.revision, 11);
  });

  it('requests the dataset when a number is missing, and ignores revisions until it arrives', async () => {
    const world = await online();

    world.change({ revision: 11, changes: rename('a') }, { revision: 13, changes: rename('c') });
    world.change({ revision: 14, changes: rename('d') });
    assert.deepEqual(world.socket.commands().slice(3), ['dataset']);

    world.dataset(14);
    world.change({ revision: 15, changes: rename('e') });

    assert.deepEqual(world.of('changes').flatMap(({ revisions }) => revisions.map(r => r.revision)), [11, 15]);
    assert.equal(world.client.state, 'online');
  });

  it('detects repetitions on servers whose ids are not numbers', async () => {
    const world = await online();

    world.change({ revision: 'server-1', changes: rename('a') });
    world.change({ revision: 'server-1', changes: rename('a') });
    assert.equal(world.of('changes').length, 1);
  });

  it('treats an unreadable message as a loss', async () => {
    const world = await online();

    world.socket.receive('{"command":"project_ch');
    assert.equal(world.client.state, 'offline');
  });
});

describe('Own revisions', () => {
  it('are sent with session, client and the revision of the dataset', async () => {
    const world = await online();

    assert.equal(world.client.submit(rename('x')), 'local-1');
    assert.deepEqual(world.socket.changes()[0], {
      project: 1,
      client: 'c-1',
      session: 'page-1',
      datasetRevision: 10,
      revisions: [{ revision: 'local-1', clientId: 'c-1', changes: rename('x') }]
    });
  });

  it('are acknowledged by their echo', async () => {
    const world = await online();

    world.client.submit(rename('x'));
    world.change({ revision: 11, client: 'c-1', localRevision: 'local-1', changes: rename('x') });

    assert.equal(world.client.pending.length, 0);
    assert.equal(world.of('changes')[0].revisions[0].own, true);
  });

  it('are not confused with the same local number of another client', async () => {
    const world = await online();

    world.client.submit(rename('x'));
    world.change({ revision: 11, client: 'c-2', localRevision: 'local-1', changes: rename('y') });

    assert.equal(world.client.pending.length, 1);
    assert.equal(world.of('changes')[0].revisions[0].own, false);
  });

  it('made offline are sent after the next dataset, in order, in one message', async () => {
    const world = await online();

    world.socket.drop();
    world.client.submit(rename('a'));
    world.client.submit(rename('b'));
    world.timers.advance(30_000);
    await world.join('c-2', 12);

    const [message] = world.socket.changes();

    assert.deepEqual(message.revisions.map(r => r.revision), ['local-1', 'local-2']);
    assert.equal(message.client, 'c-2');
    assert.equal(message.datasetRevision, 12);
  });

  it('without an acknowledgement are resent with the same numbers after a reconnect', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.socket.drop();
    world.timers.advance(30_000);
    await world.join('c-2', 11);

    assert.deepEqual(world.socket.changes()[0].revisions.map(r => r.revision), ['local-1']);
    assert.equal(world.socket.changes()[0].session, 'page-1');

    // The server had accepted it the first time and acknowledges it again, with the client id of the original connection.
    world.change({ revision: 11, client: 'c-1', localRevision: 'local-1', changes: rename('a') });
    assert.equal(world.client.pending.length, 0);
    assert.deepEqual(
      world.of('changes').flatMap(({ revisions }) => revisions.map(({ own, known }) => ({ own, known }))),
      [{ own: true, known: true }]
    );
  });

  it('acknowledged while a dataset is awaited are not resent', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.change({ revision: 12, client: 'c-1', localRevision: 'local-1', changes: rename('a') });
    assert.equal(world.of('answered')[0].localRevision, 'local-1');
    world.dataset(12);

    assert.equal(world.client.pending.length, 0);
    assert.equal(world.socket.changes().length, 1);
  });

  it('are dropped by an unrequested dataset', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.dataset(12);
    world.socket.receive({ command: 'reset', data: { project: 1, userName: 'Ines' } });

    assert.equal(world.client.pending.length, 0);
    assert.equal(world.of('dataset')[1].dropped, 1);
    assert.equal(world.of('reset')[0].userName, 'Ines');
    assert.equal(world.socket.changes().length, 1);
  });

  it('are dropped by a reset whose dataset was mistaken for the awaited one', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.client.requestDataset();
    world.dataset(12);
    assert.equal(world.client.pending.length, 1);
    world.socket.receive({ command: 'reset', data: { project: 1, userName: 'Ines' } });

    assert.equal(world.client.pending.length, 0);
    assert.deepEqual(world.of('reset')[0].dropped, ['local-1']);
  });

  it('made after such a reset are not dropped by the requested dataset', async () => {
    const world = await online();

    world.client.requestDataset();
    world.dataset(12);
    world.socket.receive({ command: 'reset', data: { project: 1, userName: 'Ines' } });
    world.client.submit(rename('after'));
    world.dataset(12);

    assert.equal(world.client.pending.length, 1);
    assert.equal(world.socket.changes().at(-1).revisions[0].changes.tasks.updated[0].name, 'after');
  });

  it('are dropped after a refusal, with the dataset that follows it', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.socket.receive({ command: 'project_change', error: 'the change set has more than 5000 records', data: { project: 1 } });
    world.client.submit(rename('b'));
    world.dataset(10);

    assert.equal(world.client.pending.length, 0);
    assert.equal(world.of('error')[0].command, 'project_change');
    world.client.submit(rename('c'));
    assert.deepEqual(world.socket.changes().map(({ revisions }) => revisions[0].revision), ['local-1', 'local-3']);
  });

  it('that are not allowed make the page read-only, with the current dataset', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.socket.receive({ command: 'project_change', error: 'Authorization required', data: { project: 1 } });
    assert.equal(world.socket.commands().at(-1), 'dataset');
    world.dataset(10);

    assert.deepEqual(world.of('access'), [{ type: 'access', readOnly: true }]);
    assert.deepEqual(world.of('dataset').at(-1).lost, [{ localRevision: 'local-1', changes: rename('a') }]);
    assert.equal(world.client.submit(rename('b')), null);
    assert.match(world.of('error').at(-1).message, /not edit/);
  });

  it('too large for a message are refused, because they would cost the connection', async () => {
    const world = await online();

    assert.equal(world.client.submit(rename('x'.repeat(930_000))), null);
    assert.match(world.of('error').at(-1).message, /larger than 921600 bytes/);
    assert.notEqual(world.client.submit(rename('x'.repeat(900_000))), null);
  });

  it('refused by a server that sends no dataset make the client request one', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.socket.receive({ command: 'project_change', error: 'Subscription to project is required' });
    world.timers.advance(3_000);
    assert.equal(world.socket.commands().at(-1), 'dataset');
    world.dataset(10);
    assert.equal(world.client.pending.length, 0);
  });

  it('that are never acknowledged end the connection, so that they are resent', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.timers.advance(20_000);
    assert.equal(world.client.state, 'offline');
    world.timers.advance(500);
    await world.join('c-2', 10);
    assert.equal(world.socket.changes().length, 1);
  });

  it('are refused when the queue is full', async () => {
    const world = setUp({ pendingMax: 2 });

    assert.notEqual(world.client.submit(rename('a')), null);
    assert.notEqual(world.client.submit(rename('b')), null);
    assert.equal(world.client.submit(rename('c')), null);
    assert.match(world.of('error')[0].message, /Too many changes/);
  });

  it('are split into several messages when there are many', async () => {
    const world = setUp();

    for (let i = 0; i < 450; i++) {
      world.client.submit(rename(`n${i}`));
    }

    world.client.connect();
    await world.join();
    assert.deepEqual(world.socket.changes().map(({ revisions }) => revisions.length), [200, 200, 50]);
  });
});

describe('A lost connection', () => {
  it('is reopened after random delays that grow up to a maximum', async () => {
    const world = await online();
    const waits = [];

    world.client.on('state', ({ retryInMs }) => retryInMs !== undefined && waits.push(retryInMs));
    world.socket.drop();

    for (let i = 0; i < 8; i++) {
      world.timers.advance(waits.at(-1));
      await settle();
      world.socket.drop();
    }

    assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, 15000, 15000, 15000]);
  });

  it('restarts with short delays after a success', async () => {
    const world = await online();

    world.socket.drop();
    world.timers.advance(250);
    await settle();
    world.socket.drop();
    world.timers.advance(500);
    await world.join('c-2');
    world.socket.drop();

    assert.equal(world.of('state').at(-1).retryInMs, 250);
  });

  it('is reopened at once when the network returns', async () => {
    const world = await online();

    world.environment.navigator.onLine = false;
    world.environment.fire('offline');
    assert.equal(world.of('state').at(-1).retryInMs, 30_000);

    world.environment.navigator.onLine = true;
    world.environment.fire('online');
    await world.join('c-2');
    assert.equal(world.client.state, 'online');
    assert.equal(world.WebSocket.all.length, 2);
  });

  it('is detected after the machine was asleep', async () => {
    const world = await online();

    world.environment.setVisible(false);
    world.timers.advance(60_000);
    world.environment.setVisible(true);
    assert.equal(world.socket.commands().at(-1), 'version');
    world.timers.advance(5_000);
    assert.equal(world.client.state, 'offline');
  });

  it('is kept when the probe is answered', async () => {
    const world = await online();

    world.environment.setVisible(false);
    world.timers.advance(60_000);
    world.environment.setVisible(true);
    world.socket.receive({ command: 'version', data: { version: '1' } });
    world.timers.advance(10_000);
    assert.equal(world.client.state, 'online');
  });

  it('is closed when the server accepts but does not answer', async () => {
    const world = setUp();

    world.client.connect();
    await settle();
    world.socket.open();
    world.timers.advance(60_000);
    assert.equal(world.client.state, 'offline');
    assert.equal(world.socket.readyState, 3);
  });

  it('lets the browser ask before the page is left with an unacknowledged change', async () => {
    const world = await online();

    assert.equal(world.environment.leave(), false);
    world.client.submit(rename('a'));
    assert.equal(world.environment.leave(), true);
    world.change({ revision: 11, client: 'c-1', localRevision: 'local-1', changes: rename('a') });
    assert.equal(world.environment.leave(), false);
  });

  it('stays closed when the client is destroyed', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.client.destroy();
    world.timers.advance(120_000);
    assert.equal(world.socket.readyState, 3);
    assert.equal(world.timers.count, 0);
    assert.equal(world.environment.leave(), false);
    assert.equal(world.client.submit(rename('b')), null);
    assert.throws(() => world.client.connect(), /destroyed/);
  });

  it('is not reopened after a logout, and leaves no timer', async () => {
    const world = await online();

    world.client.logout();
    world.socket.receive({ command: 'logout', data: {} });
    world.timers.advance(120_000);
    assert.equal(world.WebSocket.all.length, 1);
    assert.equal(world.client.state, 'offline');
    assert.equal(world.timers.count, 0);
  });

  it('is reopened when a rate limit allows it', async () => {
    const world = setUp();

    world.client.connect();
    await settle();
    world.socket.open();
    world.socket.receive({ command: 'login', data: { client: 'c-1', userName: 'Hugo' } });
    world.socket.receive({ command: 'dataset', data: { project: 1 }, error: 'Too many loads; try again in 7 s' });

    assert.equal(world.of('state').at(-1).retryInMs, 7000);
    world.timers.advance(6999);
    assert.equal(world.WebSocket.all.length, 1);
    world.timers.advance(1);
    await world.join();
    assert.equal(world.client.state, 'online');
  });

  it('resends a change when a rate limit allows it', async () => {
    const world = await online();

    world.client.submit(rename('A'));
    world.socket.receive({ command: 'project_change', data: { project: 1 }, error: 'Too many bytes in messages; try again in 3 s' });
    assert.equal(world.of('state').at(-1).retryInMs, 3000);
    world.timers.advance(3000);
    await world.join();

    assert.deepEqual(
      world.socket.sent.filter(message => message.command === 'project_change').map(message => message.data.revisions[0].revision),
      ['local-1']
    );
  });
});
