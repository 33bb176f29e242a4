import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPage, loadedProject, renaming } from './bryntum-world.js';
import { settle } from './fakes.js';
import { FakeIndexedDB, FakeLocks } from './storage-fakes.js';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A browser whose pages share storage. */
class Browser {
  indexedDB = new FakeIndexedDB();
  locks = new FakeLocks();
  time = 0;

  page() {
    const locks = this.locks.page();
    const page = createPage({ indexedDB: this.indexedDB, locks, now: () => this.time });

    return Object.assign(page, { die: locks.die });
  }

  async open(options = {}) {
    const world = await loadedProject({ page: this.page(), wsPersist: true, ...options });

    await settle();
    return world;
  }

  /** A page that makes an edit and crashes before the server answers. */
  async leaveBehind(name = 'Mine') {
    const world = await this.open();
    const localRevision = world.project.rename(1, name);

    await settle();
    world.page.die();

    const [message] = world.sent('project_change');

    return { localRevision, session: message.session, client: message.client };
  }
}

describe('A persistent edit', () => {
  it('is stored before it is sent, and removed when it is acknowledged', async () => {
    const browser = new Browser();
    const world = await browser.open();
    const localRevision = world.project.rename(1, 'Mine');

    assert.deepEqual(world.sent('project_change'), []);
    await settle();
    assert.deepEqual(browser.indexedDB.edits.map(edit => edit.localRevision), [localRevision]);
    assert.equal(world.sent('project_change').length, 1);
    world.accept(11);
    await settle();
    assert.deepEqual(browser.indexedDB.edits, []);
  });

  it('is sent by the next page under its old session, client id and number, as the edit of another client', async () => {
    const browser = new Browser();
    const left = await browser.leaveBehind();
    const world = await browser.open();
    const [message] = world.sent('project_change');

    assert.equal(message.session, left.session);
    assert.equal(message.client, left.client);
    assert.equal(message.datasetRevision, 10);
    assert.deepEqual(message.revisions, [
      { revision: left.localRevision, clientId: left.client, changes: renaming(1, 'Mine') }
    ]);
    world.change({ revision: 11, localRevision: left.localRevision, client: left.client, changes: renaming(1, 'Mine') });
    await settle();
    assert.equal(world.project.name(1), 'Mine');
    assert.deepEqual(world.project.faults, []);
    assert.deepEqual(browser.indexedDB.edits, []);
  });

  it('that had been accepted is acknowledged again and changes nothing', async () => {
    const browser = new Browser();
    const left = await browser.leaveBehind();
    const world = await browser.open({ revision: 11, tasks: [{ id: 1, name: 'Newer' }] });

    world.change({ revision: 11, localRevision: left.localRevision, client: left.client, changes: renaming(1, 'Mine') });
    await settle();
    assert.equal(world.project.name(1), 'Newer');
    assert.deepEqual(browser.indexedDB.edits, []);
  });

  it('is sent again after a lost connection', async () => {
    const browser = new Browser();
    const left = await browser.leaveBehind();
    const world = await browser.open();

    await world.reconnect(10);
    await settle();
    assert.equal(world.sent('project_change')[0].revisions[0].revision, left.localRevision);
  });

  it('is not confused with edits of the page that have the same numbers', async () => {
    const browser = new Browser();
    const left = await browser.leaveBehind();
    const world = await browser.open();
    const localRevision = world.project.rename(1, 'Newest');

    await settle();
    assert.equal(left.localRevision, localRevision);
    world.change({ revision: 11, localRevision, client: left.client, changes: renaming(1, 'Mine') });
    await settle();
    assert.equal(world.project.uncommitted.length, 1);
    world.accept(12);
    await settle();
    assert.deepEqual(world.project.faults, []);
    assert.equal(world.project.name(1), 'Newest');
    assert.equal(world.project.wsPendingCount, 0);
  });

  it('is not claimed while its page is open', async () => {
    const browser = new Browser();
    const one = await browser.open();

    one.project.rename(1, 'Mine');
    await settle();
    const two = await browser.open();

    assert.deepEqual(two.sent('project_change'), []);
  });

  it('is claimed by one page only', async () => {
    const browser = new Browser();

    await browser.leaveBehind();
    const [one, two] = [await browser.open(), await browser.open()];

    assert.deepEqual([one, two].map(world => world.sent('project_change').length), [1, 0]);
  });

  it('survives the destruction of its project, without a reported loss', async () => {
    const browser = new Browser();
    const world = await browser.open();

    world.project.rename(1, 'Mine');
    await settle();
    world.project.destroy();
    await settle();
    assert.deepEqual(world.of('error'), []);
    assert.equal((await browser.open()).sent('project_change').length, 1);
  });

  for (const [reason, change, options] of [
    ['too-old', browser => (browser.time += 6 * DAY_MS + 1), {}],
    ['other-user', () => {}, { userName: 'Ines' }],
    ['reset', () => {}, { extra: { resetRevision: 11 } }],
    ['restored', browser => browser.indexedDB.records.forEach(edit => (edit.epoch = 'before')), { extra: { epoch: 'after' } }]
  ]) {
    it(`is offered and not sent when it is ${reason}`, async () => {
      const browser = new Browser();

      await browser.leaveBehind();
      change(browser);
      const world = await browser.open(options);
      const [offer] = world.of('wsStoredEdits');

      assert.deepEqual(world.sent('project_change'), []);
      assert.equal(offer.reason, reason);
      assert.equal(offer.edits.length, 1);
      assert.equal('changes' in offer.edits[0], reason !== 'other-user');
      assert.equal(browser.indexedDB.edits.length, 1);
      await offer.discard();
      assert.deepEqual(browser.indexedDB.edits, []);
    });
  }

  it('is not stored without Web Locks; an event reports that and it is sent as usual', async () => {
    const browser = new Browser();

    browser.locks.page = () => undefined;
    const page = createPage({ indexedDB: browser.indexedDB, now: () => 0 });
    const world = await loadedProject({ page, wsPersist: true });

    world.project.rename(1, 'A');
    world.project.rename(1, 'B');
    await settle();
    assert.deepEqual(world.of('error').map(({ code }) => code), ['not-persisted']);
    assert.equal(world.sent('project_change').flatMap(({ revisions }) => revisions).length, 2);
    assert.deepEqual(browser.indexedDB.edits, []);
  });

  it('is sent when the browser has no space, and an event reports that', async () => {
    const browser = new Browser();
    const world = await browser.open();

    browser.indexedDB.full = true;
    world.project.rename(1, 'A');
    await settle();
    assert.match(world.of('error')[0].message, /QuotaExceededError/);
    assert.equal(world.sent('project_change').length, 1);
  });

  it('is discarded by a logout only after the user confirmed', async () => {
    const browser = new Browser();
    const world = await browser.open();
    const widget = new world.page.sync.LoginWidget({ project: world.project, host: 'ws://sync.test/' });
    const asked = [];

    world.project.rename(1, 'Mine');
    await settle();
    widget.confirmLogout = count => {
      asked.push(count);
      return asked.length > 1;
    };
    widget.logout();
    await settle();
    assert.equal(world.sent('logout').length, 0);
    widget.logout();
    await settle();
    assert.deepEqual(asked, [1, 1]);
    assert.equal(world.sent('logout').length, 1);
    assert.deepEqual(browser.indexedDB.edits, []);
  });
});
