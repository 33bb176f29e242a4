import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
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

  for (const type of ['state', 'users', 'join', 'leave', 'dataset', 'changes', 'answered', 'reset', 'error']) {
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
  it('logs in, asks for projects and dataset, and is online with the dataset', async () => {
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

  it('tries again when no address can be had', async () => {
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

  it('stays out when it is refused at the door', async () => {
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

  it('tells who is here, who comes and who leaves', async () => {
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
  it('ignores numbers it has seen and messages of other projects', async () => {
    const world = await online();

    world.change({ revision: 10, client: 'c-9', localRevision: 'local-1', changes: rename('old') });
    world.change({ revision: 11, client: 'c-9', localRevision: 'local-2', changes: rename('new') });
    world.change({ revision: 11, client: 'c-9', localRevision: 'local-2', changes: rename('new') });
    world.socket.receive({ command: 'project_change', data: { project: 2, revisions: [{ revision: 12, changes: {} }] } });

    assert.deepEqual(world.of('changes').flatMap(({ revisions }) => revisions.map(r => r.revision)), [11]);
    assert.equal(world.client.revision, 11);
  });

  it('asks for the dataset when a number is missing, and ignores the rest until it is there', async () => {
    const world = await online();

    world.change({ revision: 11, changes: rename('a') }, { revision: 13, changes: rename('c') });
    world.change({ revision: 14, changes: rename('d') });
    assert.deepEqual(world.socket.commands().slice(3), ['dataset']);

    world.dataset(14);
    world.change({ revision: 15, changes: rename('e') });

    assert.deepEqual(world.of('changes').flatMap(({ revisions }) => revisions.map(r => r.revision)), [11, 15]);
    assert.equal(world.client.state, 'online');
  });

  it('tells repeats apart on servers whose ids are not numbers', async () => {
    const world = await online();

    world.change({ revision: 'server-1', changes: rename('a') });
    world.change({ revision: 'server-1', changes: rename('a') });
    assert.equal(world.of('changes').length, 1);
  });

  it('takes a message that cannot be read for a loss', async () => {
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

  it('are settled by their echo', async () => {
    const world = await online();

    world.client.submit(rename('x'));
    world.change({ revision: 11, client: 'c-1', localRevision: 'local-1', changes: rename('x') });

    assert.equal(world.client.pending.length, 0);
    assert.equal(world.of('changes')[0].revisions[0].own, true);
  });

  it('are not taken for the same local number of somebody else', async () => {
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

  it('without an answer are sent again with the same numbers after a reconnect', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.socket.drop();
    world.timers.advance(30_000);
    await world.join('c-2', 11);

    assert.deepEqual(world.socket.changes()[0].revisions.map(r => r.revision), ['local-1']);
    assert.equal(world.socket.changes()[0].session, 'page-1');

    // The server had accepted it the first time and answers again, in the name of the connection that sent it first.
    world.change({ revision: 11, client: 'c-1', localRevision: 'local-1', changes: rename('a') });
    assert.equal(world.client.pending.length, 0);
    assert.deepEqual(
      world.of('changes').flatMap(({ revisions }) => revisions.map(({ own, known }) => ({ own, known }))),
      [{ own: true, known: true }]
    );
  });

  it('answered while a dataset is awaited are not sent again', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.change({ revision: 12, client: 'c-1', localRevision: 'local-1', changes: rename('a') });
    assert.equal(world.of('answered')[0].localRevision, 'local-1');
    world.dataset(12);

    assert.equal(world.client.pending.length, 0);
    assert.equal(world.socket.changes().length, 1);
  });

  it('are dropped by a dataset that nobody asked for', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.dataset(12);
    world.socket.receive({ command: 'reset', data: { project: 1, userName: 'Ines' } });

    assert.equal(world.client.pending.length, 0);
    assert.equal(world.of('dataset')[1].dropped, 1);
    assert.equal(world.of('reset')[0].userName, 'Ines');
    assert.equal(world.socket.changes().length, 1);
  });

  it('are dropped by a reset whose dataset was taken for the awaited one', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.client.requestDataset();
    world.dataset(12);
    assert.equal(world.client.pending.length, 1);
    world.socket.receive({ command: 'reset', data: { project: 1, userName: 'Ines' } });

    assert.equal(world.client.pending.length, 0);
    assert.deepEqual(world.of('reset')[0].dropped, ['local-1']);
  });

  it('are dropped after a refusal, with the dataset that follows it', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.socket.receive({ command: 'project_change', error: 'Authorization required', data: { project: 1 } });
    world.client.submit(rename('b'));
    world.dataset(10);

    assert.equal(world.client.pending.length, 0);
    assert.equal(world.of('error')[0].command, 'project_change');
    world.client.submit(rename('c'));
    assert.deepEqual(world.socket.changes().map(({ revisions }) => revisions[0].revision), ['local-1', 'local-3']);
  });

  it('refused by a server that sends no dataset make the client ask for one', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.socket.receive({ command: 'project_change', error: 'Subscription to project is required' });
    world.timers.advance(3_000);
    assert.equal(world.socket.commands().at(-1), 'dataset');
    world.dataset(10);
    assert.equal(world.client.pending.length, 0);
  });

  it('that are never answered end the connection, so that they are sent again', async () => {
    const world = await online();

    world.client.submit(rename('a'));
    world.timers.advance(20_000);
    assert.equal(world.client.state, 'offline');
    world.timers.advance(500);
    await world.join('c-2', 10);
    assert.equal(world.socket.changes().length, 1);
  });

  it('are not taken any more when the queue is full', async () => {
    const world = setUp({ pendingMax: 2 });

    assert.notEqual(world.client.submit(rename('a')), null);
    assert.notEqual(world.client.submit(rename('b')), null);
    assert.equal(world.client.submit(rename('c')), null);
    assert.match(world.of('error')[0].message, /Too many changes/);
  });

  it('go in several messages when there are many', async () => {
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
  it('comes back by itself, with waits that grow at random up to a ceiling', async () => {
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

  it('starts with short waits again after a success', async () => {
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

  it('is tried again at once when the network returns', async () => {
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

  it('is noticed after a sleep', async () => {
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

  it('is given up on when the server accepts but does not answer', async () => {
    const world = setUp();

    world.client.connect();
    await settle();
    world.socket.open();
    world.timers.advance(60_000);
    assert.equal(world.client.state, 'offline');
    assert.equal(world.socket.readyState, 3);
  });

  it('is not tried again after a logout, and leaves no timer', async () => {
    const world = await online();

    world.client.logout();
    world.socket.receive({ command: 'logout', data: {} });
    world.timers.advance(120_000);
    assert.equal(world.WebSocket.all.length, 1);
    assert.equal(world.client.state, 'offline');
    assert.equal(world.timers.count, 0);
  });

  it('comes back when the server says so, after it asked for too much at once', async () => {
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

  it('sends again, when the server says so, a change that was too much at once', async () => {
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
