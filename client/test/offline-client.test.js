import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ChangeSet } from '../change-set.js';
import { SharedProject } from '../shared-project.js';
import { FakeTimers, FakeWindow, fakeWebSockets, settle } from './fakes.js';
import { FakeIndexedDB, FakeLocks } from './storage-fakes.js';

/** A browser whose pages share storage. Each page has its own client id. */
class Browser {
  indexedDB = new FakeIndexedDB();
  locks = new FakeLocks();
  #pages = 0;

  async open({ dataset = { revision: 10 }, role } = {}) {
    const client = `c-${++this.#pages}`;
    const timers = new FakeTimers();
    const WebSocket = fakeWebSockets();
    const locks = this.locks.page();
    const project = new SharedProject({
      address: 'ws://sync.test/?token',
      userName: 'Hugo',
      project: 1,
      persist: true,
      storage: { indexedDB: this.indexedDB, locks, now: () => 0 },
      environment: new FakeWindow(),
      WebSocket,
      timers
    }).connect();
    const stored = [];

    project.on('stored', event => stored.push(event));
    await settle();

    const socket = WebSocket.last;

    socket.open();
    socket.receive({ command: 'login', data: { client, userName: 'Hugo' } });
    socket.receive({
      command: 'dataset',
      data: { project: 1, role, dataset: { tasksData: [{ id: 1, name: 'One' }] }, ...dataset }
    });
    await settle();
    return {
      project,
      socket,
      client,
      stored,
      die: locks.die,
      rename: name => project.edit(new ChangeSet().update('tasks', 1, { name })),
      change: (...revisions) => socket.receive({ command: 'project_change', data: { project: 1, revisions } })
    };
  }

  async leaveBehind() {
    const page = await this.open();

    page.rename('Mine');
    await settle();
    page.die();
    return { ...page.socket.changes()[0], client: page.client };
  }
}

describe('A persistent change', () => {
  it('is stored before it is sent, and removed when it is acknowledged', async () => {
    const browser = new Browser();
    const page = await browser.open();

    page.rename('Mine');
    assert.deepEqual(page.socket.changes(), []);
    await settle();
    assert.equal(browser.indexedDB.edits.length, 1);

    const [{ revision, changes }] = page.socket.changes()[0].revisions;

    page.change({ revision: 11, client: page.client, localRevision: revision, changes });
    await settle();
    assert.deepEqual(browser.indexedDB.edits, []);
  });

  it('is sent by the next page under its old session, client id and number', async () => {
    const browser = new Browser();
    const left = await browser.leaveBehind();
    const page = await browser.open();
    const [message] = page.socket.changes();

    assert.equal(message.session, left.session);
    assert.deepEqual(message.revisions, left.revisions);
    assert.notEqual(page.project.client.session, left.session);

    const [{ revision, changes }] = left.revisions;

    page.change({ revision: 11, client: left.client, localRevision: revision, changes });
    await settle();
    assert.equal(page.project.store.get('tasks', 1).name, 'Mine');
    assert.deepEqual(browser.indexedDB.edits, []);
  });

  it('is offered when the project has been reset since', async () => {
    const browser = new Browser();

    await browser.leaveBehind();
    const page = await browser.open({ dataset: { revision: 12, resetRevision: 12 } });

    assert.deepEqual(page.socket.changes(), []);
    assert.deepEqual(page.stored.map(({ reason, edits }) => [reason, edits.length]), [['reset', 1]]);
  });

  it('is offered to a user who may no longer edit', async () => {
    const browser = new Browser();

    await browser.leaveBehind();
    const page = await browser.open({ role: 'viewer' });

    assert.deepEqual(page.socket.changes(), []);
    assert.equal(page.stored[0].reason, 'readOnly');
  });

  it('is kept for the next page when the project is destroyed, and discarded by a logout', async () => {
    const browser = new Browser();
    const one = await browser.open();

    one.rename('Mine');
    await settle();
    one.project.destroy();
    await settle();

    const two = await browser.open();

    assert.equal(two.socket.changes().length, 1);
    two.rename('Another');
    await settle();
    assert.equal(browser.indexedDB.edits.length, 2);
    two.project.client.logout();
    await settle();
    assert.deepEqual(browser.indexedDB.edits.map(({ session }) => session === two.project.client.session), [false]);
  });
});
