import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChangeSet } from '../change-set.js';
import { SharedProject } from '../shared-project.js';
import { FakeTimers, fakeWebSockets, settle } from './fakes.js';

const tasks = (...items) => ({ tasksData: items });

async function setUp() {
  const timers = new FakeTimers();
  const WebSocket = fakeWebSockets();
  const project = new SharedProject({
    address: 'ws://sync.test/',
    userName: 'Hugo',
    project: 1,
    WebSocket,
    timers,
    environment: null,
    random: () => 0
  });
  const world = {
    project,
    timers,
    get socket() {
      return WebSocket.last;
    },
    dataset(revision, dataset) {
      WebSocket.last.receive({ command: 'dataset', data: { project: 1, revision, dataset } });
    },
    change(...revisions) {
      WebSocket.last.receive({ command: 'project_change', data: { project: 1, revisions } });
    },
    async join(clientId, revision, dataset) {
      await settle();
      WebSocket.last.open();
      WebSocket.last.receive({ command: 'login', data: { client: clientId, userName: 'Hugo' } });
      world.dataset(revision, dataset);
    },
    async reconnect(clientId, revision, dataset) {
      WebSocket.last.drop();
      timers.advance(1);
      await world.join(clientId, revision, dataset);
    }
  };

  project.connect();
  await world.join('c-1', 1, tasks({ id: 1, name: 'One' }, { id: 2, name: 'Two' }));
  return world;
}

const name = (world, id) => world.project.store.get('tasks', id)?.name;

describe('An edit', () => {
  it('is shown at once and sent with its input', async () => {
    const world = await setUp();

    assert.equal(world.project.edit(new ChangeSet().update('tasks', 1, { name: 'Uno' }).derive('tasks', 2, { x: 1 })), true);
    assert.equal(name(world, 1), 'Uno');
    assert.deepEqual(world.socket.changes()[0].revisions[0].changes, {
      tasks: {
        updated: [
          { id: 1, name: 'Uno' },
          { id: 2, x: 1 }
        ],
        $input: { updated: [{ id: 1, name: 'Uno' }] }
      }
    });
  });

  it('that is empty is ignored', async () => {
    const world = await setUp();

    assert.equal(world.project.edit(new ChangeSet()), false);
    assert.deepEqual(world.socket.changes(), []);
  });
});

describe('After a reconnect', () => {
  it('an edit made offline is applied on top of the new dataset and sent', async () => {
    const world = await setUp();

    world.socket.drop();
    world.project.edit(new ChangeSet().update('tasks', 1, { name: 'Mine' }));
    world.timers.advance(1);
    await world.join('c-2', 4, tasks({ id: 1, name: 'Theirs' }, { id: 2, name: 'Changed' }));

    assert.equal(name(world, 1), 'Mine');
    assert.equal(name(world, 2), 'Changed');
    assert.equal(world.socket.changes()[0].datasetRevision, 4);
  });

  it('an edit of a removed record is dropped', async () => {
    const world = await setUp();
    const loads = [];

    world.project.on('load', event => loads.push(event));
    world.socket.drop();
    world.project.edit(new ChangeSet().update('tasks', 1, { name: 'Mine' }));
    world.timers.advance(1);
    await world.join('c-2', 4, tasks({ id: 2, name: 'Two' }));

    assert.deepEqual(world.socket.changes(), []);
    assert.equal(world.project.client.pending.length, 0);
    assert.equal(loads[0].dropped, 1);
  });

  it('later edits of a new record still apply, even when the server had accepted the addition', async () => {
    const world = await setUp();
    const added = new ChangeSet();
    const phantom = added.add('tasks', { name: 'New', parentId: null });

    world.project.edit(added);
    world.project.edit(new ChangeSet().update('tasks', phantom, { name: 'Newer' }));
    // Accepted as revision 2, but the acknowledgement was lost with the connection.
    await world.reconnect('c-2', 2, tasks({ id: 1, name: 'One' }, { id: 'tasks-1', name: 'New' }));
    assert.deepEqual(world.socket.changes()[0].revisions.map(r => r.revision), ['local-1', 'local-2']);

    const echo = { tasks: { added: [{ $PhantomId: phantom, id: 'tasks-1', name: 'New', parentId: null }] } };

    world.change({ revision: 2, client: 'c-1', localRevision: 'local-1', changes: echo });
    assert.equal(name(world, phantom), undefined);
    assert.equal(name(world, 'tasks-1'), 'Newer');

    world.change({
      revision: 3,
      client: 'c-2',
      localRevision: 'local-2',
      changes: { tasks: { updated: [{ id: 'tasks-1', name: 'Newer' }] } }
    });
    assert.equal(name(world, 'tasks-1'), 'Newer');
    assert.equal(world.project.client.pending.length, 0);
    assert.deepEqual(world.project.store.pendingKeys, []);
  });
});

describe('While a dataset is awaited', () => {
  it('an acknowledgement applies its ids to pending edits', async () => {
    const world = await setUp();
    const added = new ChangeSet();
    const phantom = added.add('tasks', { name: 'New', parentId: null });

    world.project.edit(added);
    world.project.edit(new ChangeSet().update('tasks', phantom, { name: 'Newer' }));
    // Revision 2 was missed.
    world.change({
      revision: 3,
      client: 'c-1',
      localRevision: 'local-1',
      changes: { tasks: { added: [{ $PhantomId: phantom, id: 'tasks-1', name: 'New', parentId: null }] } }
    });
    world.dataset(3, tasks({ id: 1, name: 'One' }, { id: 'tasks-1', name: 'New' }));

    assert.equal(name(world, 'tasks-1'), 'Newer');
    assert.deepEqual(world.socket.changes().at(-1).revisions, [
      {
        revision: 'local-2',
        clientId: 'c-1',
        changes: {
          tasks: {
            updated: [{ id: 'tasks-1', name: 'Newer' }],
            $input: { updated: [{ id: 'tasks-1', name: 'Newer' }] }
          }
        }
      }
    ]);
  });
});

describe('A reset', () => {
  it('drops pending edits', async () => {
    const world = await setUp();
    const events = [];

    world.project.on('load', event => events.push(event));
    world.project.edit(new ChangeSet().update('tasks', 1, { name: 'Mine' }));
    world.dataset(5, tasks({ id: 1, name: 'Original' }));
    world.socket.receive({ command: 'reset', data: { project: 1, userName: 'Ines' } });

    assert.equal(name(world, 1), 'Original');
    assert.equal(events[0].dropped, 1);
    assert.deepEqual(world.project.store.pendingKeys, []);
  });
});

describe('A destroyed project', () => {
  it('closes its connection and calls no listener any more', async () => {
    const world = await setUp();
    const events = [];

    for (const type of ['state', 'change', 'pending']) {
      world.project.on(type, event => events.push(event));
    }

    world.project.destroy();
    events.length = 0;
    assert.equal(world.project.edit(new ChangeSet().update('tasks', 1, { name: 'Late' })), false);
    world.timers.advance(120_000);
    assert.equal(world.socket.readyState, 3);
    assert.deepEqual(events, []);
  });
});
