import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBryntumSync } from '../bryntum/index.js';
import { createLibraryStub } from './bryntum-stub.js';
import { ProjectWorld, createPage, loadedProject, renaming } from './bryntum-world.js';
import { settle } from './fakes.js';

describe('Making the classes', () => {
  it('returns the classes of the specification, once per library', () => {
    const library = createLibraryStub();
    const sync = createBryntumSync(library);

    assert.deepEqual(Object.keys(sync).sort(), [
      'AutoSyncControl',
      'LoginWidget',
      'ProjectWebSocketHandlerMixin',
      'ProjectWebSocketSubscriberMixin',
      'UsersContainer',
      'WebSocketHelper',
      'WebSocketManager',
      'WebSocketProjectModel'
    ]);
    assert.equal(createBryntumSync(library), sync);
  });

  it('combines the packages of thin bundles', () => {
    const { ProjectModel, ...rest } = createLibraryStub();

    assert.ok(createBryntumSync([rest, { ProjectModel }]).WebSocketProjectModel.prototype instanceof ProjectModel);
  });

  it('names what is missing', () => {
    assert.throws(() => createBryntumSync({ Base: class {} }), /no Events, ProjectModel, Container, StringHelper/);
  });
});

describe('A socket manager', () => {
  it('opens once, sends envelopes, and triggers events', async () => {
    const { sync, WebSocket } = createPage();
    const manager = new sync.WebSocketManager({ address: 'ws://sync.test/', autoConnect: false });
    const events = [];

    for (const type of ['open', 'close', 'message', 'error']) {
      manager.ion({ [type]: event => events.push([type, event.data]) });
    }

    const opening = Promise.all([manager.open(), manager.open()]);

    await settle();
    assert.equal(manager.isConnecting, true);
    WebSocket.last.open();
    assert.deepEqual(await opening, [true, true]);
    assert.equal(manager.isOpened, true);
    manager.send('projects');
    WebSocket.last.receive({ command: 'version', data: {} });
    WebSocket.last.receive('{');
    manager.close();

    assert.deepEqual(WebSocket.last.sent, [{ command: 'projects', data: {} }]);
    assert.equal(WebSocket.all.length, 1);
    assert.deepEqual(events, [
      ['open', undefined],
      ['message', { command: 'version', data: {} }],
      ['error', undefined],
      ['close', undefined]
    ]);
    assert.equal(manager.isClosed, true);
  });

  it('returns false when the socket cannot be opened, and can be opened again', async () => {
    const { sync, WebSocket } = createPage();
    const manager = new sync.WebSocketManager({ address: async () => 'ws://sync.test/token' });
    const opening = manager.open();

    await settle();
    WebSocket.last.fire('error', new Error('refused'));
    assert.equal(await opening, false);

    const again = manager.open();

    await settle();
    WebSocket.last.open();
    assert.equal(await again, true);
    assert.equal(WebSocket.last.url, 'ws://sync.test/token');
  });
});

describe('Loading a project', () => {
  it('logs in and requests the dataset without waiting, then triggers an event per step', async () => {
    const world = await loadedProject();

    assert.deepEqual(world.socket.commands(), ['login', 'dataset']);
    assert.deepEqual(world.sent('login'), [{ login: 'Hugo', password: '' }]);
    assert.deepEqual(world.sent('dataset'), [{ project: 1 }]);
    assert.equal(world.project.name(1), 'One');
    assert.equal(world.project.wsRevision, 10);
    assert.equal(world.project.wsState, 'online');
    assert.deepEqual(
      world.types().filter(type => type !== 'wsStateChange' && type !== 'wsPending'),
      ['wsOpen', 'wsSendMessage', 'wsSendMessage', 'wsMessage', 'wsMessage', 'wsReceiveDataset', 'wsLoad']
    );
  });

  it('waits for wsLoad when automatic loading is off', async () => {
    const world = new ProjectWorld(createPage(), {
      wsAddress: 'ws://sync.test/',
      wsUserName: 'Hugo',
      wsProjectId: 1,
      wsAutoLoad: false
    });

    await world.open();
    assert.deepEqual(world.socket.commands(), ['login']);

    const loaded = world.project.wsLoad();

    await settle();
    world.dataset(3);
    assert.equal(await loaded, true);
    assert.equal(world.of('wsLoad').length, 1);
  });

  it('compares ids strictly', async () => {
    const world = await loadedProject({ wsProjectId: '1' });

    world.receive('project_change', { project: 1, revisions: [{ revision: 11, client: 'c', changes: renaming(1, 'No') }] });
    await settle();
    assert.equal(world.project.name(1), 'One');
  });

  it('stops waiting after the connection timeout, and reports that there is no project', async () => {
    const world = new ProjectWorld(createPage(), { wsAddress: 'ws://sync.test/', wsAutoLoad: false, wsProjectId: 1 });

    await world.open();
    const loaded = world.project.wsLoad();

    await settle();
    world.page.timers.advance(60_000);
    assert.equal(await loaded, false);
    assert.equal(world.of('wsLoad').length, 0);
  });

  it('reports a refused project, and does not request it again', async () => {
    const world = new ProjectWorld(createPage(), { wsAddress: 'ws://sync.test/', wsUserName: 'Hugo', wsProjectId: 9 });

    await world.open();
    world.refuse('dataset', 'Authorization required');
    await settle();
    assert.equal(world.of('error')[0].code, 'project-refused');
    await world.drop();
    world.page.timers.advance(30_000);
    await world.open();
    assert.deepEqual(world.socket.commands(), ['login']);
  });

  it('reports a dataset that the page cannot show', async () => {
    const world = await loadedProject();

    world.receive('dataset', { project: 1, revision: 11, dataset: { broken: true } });
    await settle();
    assert.equal(world.of('error').at(-1).code, 'page-broken');
  });

  it('tries one dataset when the library fails on a revision, and reports once when that does not help', async () => {
    const world = await loadedProject();

    world.project.slow = async () => {
      throw new Error('Abstract method call!');
    };
    world.change({ revision: 11, client: 'client-9', changes: renaming(1, 'A') });
    await settle();
    assert.equal(world.sent('dataset').length, 2);
    world.dataset(11);
    await settle();
    world.change({ revision: 12, client: 'client-9', changes: renaming(1, 'B') });
    await settle();
    assert.deepEqual(world.of('error').map(({ code }) => code), ['page-broken']);
    assert.equal(world.sent('dataset').length, 2);
  });

  it('switches to another project on the same connection', async () => {
    const world = await loadedProject();

    world.project.wsProjectId = 2;
    await settle();
    assert.deepEqual(world.sent('dataset').at(-1), { project: 2 });
    world.dataset(4, [{ id: 1, name: 'Other' }]);
    await settle();
    world.project.rename(1, 'Mine');

    assert.equal(world.sent('project_change')[0].project, 2);
    assert.equal(world.sent('project_change')[0].datasetRevision, 4);
    assert.equal(world.page.WebSocket.all.length, 1);
  });
});

describe('Client ids', () => {
  it('come from the login when the application has none', async () => {
    const world = await loadedProject();

    world.project.rename(1, 'Uno');
    assert.equal(world.project.clientId, 'client-1');
    assert.equal(world.sent('project_change')[0].client, 'client-1');
    assert.equal(world.sent('project_change')[0].revisions[0].clientId, 'client-1');
    await world.reconnect(10);
    assert.equal(world.project.clientId, 'client-2');
  });

  it('of the application are kept, even across connections', async () => {
    const page = createPage();
    const world = new ProjectWorld(page, { wsUserName: 'Hugo', wsProjectId: 1 });

    world.project.clientId = 'uuid-1';
    world.project.wsAddress = 'ws://sync.test/';
    await world.open();
    world.dataset(10);
    await settle();
    await world.reconnect(10);
    world.project.rename(1, 'Uno');
    world.accept(11);
    await settle();

    assert.equal(world.sent('project_change')[0].client, 'uuid-1');
    assert.deepEqual(world.project.faults, []);
    assert.deepEqual(world.project.uncommitted, []);
  });

  it('may be missing altogether', async () => {
    const page = createPage();
    const world = new ProjectWorld(page, { wsAddress: 'ws://sync.test/', wsUserName: 'Hugo', wsProjectId: 1 });

    await world.open(null);
    world.receive('login', { userName: 'Hugo' });
    world.dataset(10);
    await settle();
    world.project.rename(1, 'Uno');
    assert.equal('client' in world.sent('project_change')[0], false);

    const { revision, changes } = world.sent('project_change')[0].revisions[0];

    world.change({ revision: 11, localRevision: revision, changes });
    world.change({ revision: 12, localRevision: 'local-999', client: 'other', changes: renaming(1, 'Due') });
    world.change({ revision: 13, localRevision: 'local-998', changes: renaming(1, 'Tre') });
    await settle();

    assert.equal(world.project.name(1), 'Tre');
    assert.deepEqual(world.project.faults, []);
  });
});

describe('Edits', () => {
  it('are sent with session and dataset revision, and are committed by their echo', async () => {
    const world = await loadedProject();
    const localRevision = world.project.rename(1, 'Uno');
    const [message] = world.sent('project_change');

    assert.equal(message.project, 1);
    assert.equal(message.datasetRevision, 10);
    assert.match(message.session, /^[0-9a-f-]{36}$/);
    assert.deepEqual(message.revisions, [{ revision: localRevision, clientId: 'client-1', changes: renaming(1, 'Uno') }]);
    assert.equal(world.project.wsPendingCount, 1);
    world.accept(11);
    await settle();

    assert.deepEqual(world.project.uncommitted, []);
    assert.equal(world.project.wsPendingCount, 0);
    assert.equal(world.of('wsSendChanges').length, 1);
    assert.deepEqual(world.types().slice(-2), ['wsBeforeReceiveChanges', 'wsReceiveChanges']);
  });

  it('state the conflict that they resolve, if any', async () => {
    const world = await loadedProject();

    world.project.edit(renaming(1, 'A'), { conflictResolutionFor: 9 });
    world.project.edit(renaming(1, 'B'), { conflictResolutionFor: null });
    const revisions = world.sent('project_change').flatMap(data => data.revisions);

    assert.equal(revisions[0].conflictResolutionFor, 9);
    assert.equal('conflictResolutionFor' in revisions[1], false);
  });

  it('of other clients are applied, except known numbers', async () => {
    const world = await loadedProject();

    world.change({ revision: 11, localRevision: 'local-7', client: 'client-9', changes: renaming(1, 'Theirs') });
    world.change({ revision: 11, localRevision: 'local-7', client: 'client-9', changes: renaming(1, 'Again') });
    world.change({ revision: 9, localRevision: 'local-6', client: 'client-9', changes: renaming(1, 'Old') });
    await settle();

    assert.equal(world.project.name(1), 'Theirs');
    assert.equal(world.of('wsReceiveChanges').length, 1);
  });

  it('of other clients are reported with their author', async () => {
    const world = await loadedProject();

    world.change({ revision: 11, client: 'client-9', userName: 'Ines', changes: renaming(1, 'Theirs') });
    await settle();
    assert.deepEqual(
      world.of('wsReceiveChanges')[0].revisions.map(({ revision, userName }) => [revision, userName]),
      [[11, 'Ines']]
    );
  });

  it('of other clients with the same local number are not mistaken for own ones', async () => {
    const world = await loadedProject();
    const localRevision = world.project.rename(1, 'Mine');

    world.change({ revision: 11, localRevision, client: 'client-9', changes: renaming(1, 'Theirs') });
    await settle();
    assert.equal(world.project.uncommitted.length, 1);
    assert.equal(world.project.name(1), 'Mine');
    assert.deepEqual(world.project.faults, []);
  });

  it('that look like own ones but are not awaited are passed on as those of another client', async () => {
    const world = await loadedProject();

    world.change({ revision: 11, localRevision: 'local-999', client: 'client-1', changes: renaming(1, 'Ghost') });
    await settle();
    assert.equal(world.project.name(1), 'Ghost');
    assert.deepEqual(world.project.faults, []);
  });

  it('that are echoed out of order make the page reload', async () => {
    const world = await loadedProject();

    world.project.rename(1, 'A');
    const second = world.project.rename(1, 'B');

    world.change({ revision: 11, localRevision: second, client: 'client-1', changes: renaming(1, 'B') });
    await settle();
    assert.equal(world.sent('dataset').length, 2);
    assert.deepEqual(world.project.faults, []);
  });

  it('are not sent while no project is open', async () => {
    const world = await loadedProject();

    world.project.wsProjectId = null;
    world.project.rename(1, 'Nobody sees');
    assert.deepEqual(world.sent('project_change'), []);
  });

  it('too large for the server are not sent, and the page is corrected by a dataset', async () => {
    const world = await loadedProject();

    world.project.rename(1, 'x'.repeat(930_000));
    assert.equal(world.of('error')[0].code, 'too-large');
    assert.equal(world.of('error')[0].lost.length, 1);
    assert.deepEqual(world.sent('project_change'), []);
    assert.equal(world.sent('dataset').length, 2);
  });
});

describe('A gap', () => {
  it('makes the page request the dataset, and resends waiting edits on top of it', async () => {
    const world = await loadedProject();
    const localRevision = world.project.rename(1, 'Mine');

    world.change({ revision: 12, localRevision: 'local-99', client: 'client-9', changes: renaming(1, 'Late') });
    world.change({ revision: 13, localRevision: 'local-100', client: 'client-9', changes: renaming(1, 'Later') });
    await settle();
    assert.equal(world.sent('dataset').length, 2);
    world.dataset(13, [{ id: 1, name: 'Later' }]);
    await settle();

    const again = world.sent('project_change').at(-1);

    assert.deepEqual([again.datasetRevision, again.revisions[0].revision], [13, localRevision]);
    world.accept(14);
    await settle();
    assert.equal(world.project.name(1), 'Mine');
    assert.deepEqual(world.project.faults, []);
    assert.equal(world.project.wsPendingCount, 0);
  });

  it('does not resend edits that were acknowledged before the dataset', async () => {
    const world = await loadedProject();
    const localRevision = world.project.rename(1, 'Mine');

    world.change({ revision: 12, localRevision, client: 'client-1', changes: renaming(1, 'Mine') });
    world.dataset(12, [{ id: 1, name: 'Mine' }]);
    await settle();
    assert.equal(world.sent('project_change').length, 1);
    assert.equal(world.project.wsPendingCount, 0);
  });
});

describe('A lost connection', () => {
  it('is reopened with growing delays, logs in and loads', async () => {
    const world = await loadedProject();
    const waits = () => world.of('wsStateChange').flatMap(({ retryInMs }) => retryInMs ?? []);

    await world.drop();
    assert.deepEqual(waits(), [250]);
    world.page.timers.advance(250);
    await settle();
    world.socket.fire('error', new Error('refused'));
    await settle();
    assert.deepEqual(waits(), [250, 500]);
    world.page.timers.advance(500);
    await world.open('client-2');
    world.dataset(12, [{ id: 1, name: 'Meanwhile' }]);
    await settle();

    assert.deepEqual(world.socket.commands(), ['login', 'dataset']);
    assert.equal(world.project.name(1), 'Meanwhile');
    assert.equal(world.of('wsClose').length, 1);
    assert.equal(world.of('wsError').length, 1);
    assert.equal(world.of('wsLoad').length, 2);
  });

  it('resends unacknowledged edits under their session and number; the echo is passed on as that of another client', async () => {
    const world = await loadedProject();
    const first = world.project.rename(1, 'Sent');
    const { session } = world.sent('project_change')[0];

    await world.drop();
    const second = world.project.rename(1, 'Offline');

    world.page.timers.advance(30_000);
    await world.open('client-2');
    assert.deepEqual(world.sent('project_change'), []);
    // The server had accepted the first edit, as revision 11.
    world.dataset(11, [{ id: 1, name: 'Sent' }]);
    await settle();

    const [again] = world.sent('project_change');

    assert.equal(again.session, session);
    assert.deepEqual(again.revisions.map(({ revision }) => revision), [first, second]);
    world.change({ revision: 11, localRevision: first, client: 'client-1', changes: renaming(1, 'Sent') });
    world.change({ revision: 12, localRevision: second, client: 'client-1', changes: renaming(1, 'Offline') });
    await settle();

    assert.equal(world.project.name(1), 'Offline');
    assert.equal(world.project.wsPendingCount, 0);
    assert.deepEqual(world.project.faults, []);
  });

  it('also sends edits made while the dataset is loading', async () => {
    const world = await loadedProject();
    let release;

    await world.drop();
    world.page.timers.advance(30_000);
    await world.open('client-2');
    world.project.slow = () => new Promise(resolve => (release = resolve));
    world.dataset(11);
    await settle();
    const localRevision = world.project.rename(1, 'In between');

    world.project.slow = null;
    release();
    await settle();
    world.accept(12);
    await settle();

    assert.equal(world.sent('project_change').at(-1).revisions[0].revision, localRevision);
    assert.equal(world.project.name(1), 'In between');
    assert.deepEqual(world.project.faults, []);
  });

  it('does not lose an edit that is being recorded when the dataset arrives', async () => {
    const world = await loadedProject();

    await world.drop();
    world.page.timers.advance(30_000);
    await world.open('client-2');
    world.project.renameUnrecorded(1, 'Just now');
    world.dataset(11);
    await settle();
    world.accept(12);
    await settle();
    assert.equal(world.project.name(1), 'Just now');
    assert.deepEqual(world.project.faults, []);
  });

  it('does not resend corrections of the library', async () => {
    const world = await loadedProject();

    world.project.edit({ tasks: { updated: [{ id: 1, effort: 3 }] } });
    await world.reconnect(11);
    assert.deepEqual(world.sent('project_change'), []);
    assert.deepEqual(world.of('error'), []);
  });

  it('is detected when a change is not acknowledged', async () => {
    const world = await loadedProject();

    world.project.rename(1, 'Mine');
    world.page.timers.advance(20_000);
    assert.equal(world.project.wsState, 'offline');
    assert.match(world.of('wsStateChange').at(-1).reason, /confirm/);
  });

  it('is detected after the machine was asleep', async () => {
    const world = await loadedProject();

    world.page.environment.setVisible(false);
    world.page.timers.advance(60_000);
    world.page.environment.setVisible(true);
    assert.equal(world.socket.commands().at(-1), 'version');
    world.page.timers.advance(5_000);
    assert.equal(world.project.wsState, 'offline');
  });

  it('stays closed when the application closes it, until it opens it again', async () => {
    const world = await loadedProject();

    world.project.wsClose();
    world.project.rename(1, 'Kept');
    world.page.timers.advance(120_000);
    await settle();
    assert.equal(world.page.WebSocket.all.length, 1);
    assert.equal(world.page.timers.count, 0);
    world.project.wsOpen();
    await world.open('client-2');
    world.dataset(10);
    await settle();
    assert.equal(world.sent('project_change').length, 1);
  });

  it('is not retried when the address is refused permanently', async () => {
    const page = createPage();
    let calls = 0;
    const world = new ProjectWorld(page, {
      wsUserName: 'Hugo',
      wsProjectId: 1,
      wsAddress: async () => {
        calls++;
        throw Object.assign(new Error('403'), { fatal: true });
      }
    });

    await settle();
    page.timers.advance(120_000);
    await settle();
    assert.equal(world.project.wsState, 'offline');
    assert.equal(calls, 1);
    assert.equal(world.of('wsError').length, 1);
    assert.equal(world.of('wsStateChange').at(-1).retryInMs, undefined);
  });

  it('keeps its edits for a new address of the same server', async () => {
    const world = await loadedProject({ wsAddress: 'ws://sync.test/?token=1' });

    await world.drop();
    const localRevision = world.project.rename(1, 'Mine');

    world.project.wsAddress = 'ws://sync.test/?token=2';
    await world.open('client-2');
    world.dataset(10);
    await settle();
    assert.equal(world.sent('project_change')[0].revisions[0].revision, localRevision);
  });

  it('does not send its edits to another server, and reports that', async () => {
    const world = await loadedProject();

    await world.drop();
    world.project.rename(1, 'Mine');
    world.project.wsAddress = 'ws://other.test/';
    await world.open('client-2');
    world.dataset(10);
    await settle();
    assert.deepEqual(world.sent('project_change'), []);
    assert.deepEqual(world.of('error').map(({ code, lost }) => [code, lost.length]), [['closed', 1]]);
  });

  it('asks before the page is left while an edit is unacknowledged', async () => {
    const world = await loadedProject();

    assert.equal(world.page.environment.leave(), false);
    world.project.rename(1, 'Mine');
    assert.equal(world.page.environment.leave(), true);
    world.accept(11);
    assert.equal(world.page.environment.leave(), false);
  });
});

describe('A reset', () => {
  it('loads the dataset and reports the edits that it voids', async () => {
    const world = await loadedProject();
    const localRevision = world.project.rename(1, 'Mine');

    world.dataset(12, [{ id: 1, name: 'Original' }]);
    world.receive('reset', { project: 1, userName: 'Ines' });
    await settle();

    const [error] = world.of('error');

    assert.equal(world.project.name(1), 'Original');
    assert.equal(error.code, 'reset');
    assert.deepEqual(error.lost, [{ localRevision, changes: renaming(1, 'Mine') }]);
    assert.equal(world.project.wsPendingCount, 0);
  });

  it('does not obstruct the next edit', async () => {
    const world = await loadedProject();

    world.project.rename(1, 'Mine');
    world.dataset(12, [{ id: 1, name: 'Original' }]);
    world.receive('reset', { project: 1, userName: 'Ines' });
    await settle();
    world.project.rename(1, 'Next');
    assert.equal(world.sent('project_change').at(-1).datasetRevision, 12);
    world.accept(13);
    await settle();
    assert.equal(world.project.name(1), 'Next');
    assert.deepEqual(world.project.faults, []);
  });

  it('voids an edit that is being recorded when it arrives, and reports that', async () => {
    const world = await loadedProject();

    world.project.renameUnrecorded(1, 'Just now');
    world.dataset(12);
    world.receive('reset', { project: 1, userName: 'Ines' });
    await settle();
    assert.deepEqual(world.sent('project_change'), []);
    assert.equal(world.of('error')[0].lost.length, 1);
  });

  it('reaches a busy page in the order in which it was sent', async () => {
    const world = await loadedProject();
    const waiting = [];

    world.project.slow = () => new Promise(resolve => waiting.push(resolve));
    world.change({ revision: 11, client: 'client-9', changes: renaming(1, 'Before') });
    world.dataset(12, [{ id: 1, name: 'Original' }]);
    world.change({ revision: 13, client: 'client-9', changes: renaming(1, 'After') });

    for (let steps = 0; steps < 6; steps++) {
      await settle();
      waiting.splice(0).forEach(resolve => resolve());
    }

    assert.equal(world.project.name(1), 'After');
    assert.deepEqual(world.project.faults, []);
  });

  it('whose dataset was mistaken for the requested one does not void later edits', async () => {
    const world = await loadedProject();

    world.change({ revision: 12, client: 'client-9', changes: {} });
    assert.equal(world.sent('dataset').length, 2);
    world.dataset(13, [{ id: 1, name: 'Original' }]);
    world.receive('reset', { project: 1, userName: 'Ines' });
    await settle();
    world.project.rename(1, 'After the reset');
    world.dataset(13, [{ id: 1, name: 'Original' }]);
    await settle();

    assert.equal(world.sent('project_change').at(-1).revisions.length, 1);
    assert.deepEqual(world.of('error'), []);
  });
});

describe('A refusal', () => {
  it('reports the lost edits, and the page continues with the dataset that follows', async () => {
    const world = await loadedProject();
    const localRevision = world.project.rename(1, 'Bad');

    world.refuse('project_change', 'the change set has more than 5000 records', { project: 1 });
    const held = world.project.rename(1, 'Good');

    assert.equal(world.sent('project_change').length, 1);
    world.dataset(10);
    await settle();

    const lost = world.of('error').flatMap(error => error.lost.map(edit => edit.localRevision));

    assert.deepEqual(lost, [localRevision]);
    assert.deepEqual(world.sent('project_change').at(-1).revisions.map(({ revision }) => revision), [held]);
    world.accept(11);
    await settle();
    assert.deepEqual(world.project.faults, []);
    assert.equal(world.project.name(1), 'Good');
    assert.ok(world.page.library.toasts.some(text => text.includes('5000')));
  });

  it('because of a rate limit loses nothing: everything is resent after the stated time', async () => {
    const world = await loadedProject();
    const localRevision = world.project.rename(1, 'Mine');

    world.refuse('project_change', 'Too many messages; try again in 7 s', { project: 1 });
    await settle();
    assert.equal(world.of('wsStateChange').at(-1).retryInMs, 7_000);
    world.page.timers.advance(7_000);
    await world.open('client-2');
    world.refuse('dataset', 'Too many loads; try again in 2 s', { project: 1 });
    await settle();
    world.page.timers.advance(2_000);
    await world.open('client-3');
    world.dataset(10);
    await settle();

    assert.equal(world.sent('project_change')[0].revisions[0].revision, localRevision);
    assert.deepEqual(world.of('error').flatMap(({ lost }) => lost), []);
  });

  it('without a dataset makes the page request one', async () => {
    const world = await loadedProject();

    world.project.rename(1, 'Bad');
    world.refuse('error', 'Message is nested deeper than 64 levels');
    world.page.timers.advance(3_000);
    assert.equal(world.sent('dataset').length, 2);
  });

  it('for a missing subscription reloads and resends', async () => {
    const world = await loadedProject();
    const localRevision = world.project.rename(1, 'Mine');

    world.refuse('project_change', 'Subscription to project is required. Load project first', { project: 1 });
    world.dataset(10);
    await settle();
    assert.equal(world.sent('project_change').at(-1).revisions[0].revision, localRevision);
    assert.deepEqual(world.of('error').flatMap(({ lost }) => lost), []);
  });

  it('of the login is reported once and not retried', async () => {
    const world = new ProjectWorld(createPage(), { wsAddress: 'ws://sync.test/', wsProjectId: 1 });

    world.project.wsSend('login', { login: 'Hugo', password: 'wrong' });
    await world.open(null);
    world.refuse('login', 'Wrong username/password');
    assert.equal(world.of('error')[0].code, 'login-refused');
    await world.drop();
    world.page.timers.advance(30_000);
    await world.open(null);
    assert.deepEqual(world.socket.commands(), []);
  });

  it('is shown as text', async () => {
    const world = await loadedProject();

    world.refuse('error', '<img src=x>');
    assert.deepEqual(world.page.library.toasts, ['&lt;img src=x>']);
  });
});

describe('Auto-sync', () => {
  it('that is off queues edits and counts them; switched on it sends them in one message', async () => {
    const world = await loadedProject();

    world.project.suspendAutoSync();
    world.project.rename(1, 'A');
    world.project.rename(1, 'B');
    assert.deepEqual(world.sent('project_change'), []);
    assert.deepEqual(world.of('revisionQueued').map(({ length }) => length), [1, 2]);
    world.project.resumeAutoSync();

    assert.equal(world.sent('project_change')[0].revisions.length, 2);
    assert.equal(world.of('revisionQueueClear').length, 1);
    world.accept(11);
    await settle();
    assert.deepEqual(world.project.uncommitted, []);
    assert.deepEqual(world.project.faults, []);
  });

  it('that is off still applies edits of other clients', async () => {
    const world = await loadedProject();

    world.project.suspendAutoSync();
    world.change({ revision: 11, client: 'client-9', changes: renaming(1, 'Theirs') });
    await settle();
    assert.equal(world.project.name(1), 'Theirs');
  });

  it('keeps queued edits visible across a lost connection, and reloads when they are sent', async () => {
    const world = await loadedProject();

    world.project.suspendAutoSync();
    const localRevision = world.project.rename(1, 'Mine');

    await world.drop();
    world.page.timers.advance(30_000);
    await world.open('client-2');
    assert.deepEqual(world.socket.commands(), ['login']);
    assert.equal(world.project.name(1), 'Mine');

    world.project.resumeAutoSync();
    world.dataset(12, [{ id: 1, name: 'Theirs' }]);
    await settle();
    assert.equal(world.sent('project_change')[0].revisions[0].revision, localRevision);
    world.accept(13);
    await settle();
    assert.equal(world.project.name(1), 'Mine');
    assert.deepEqual(world.project.faults, []);
  });

  it('that is off keeps edits visible that were unacknowledged when the connection was lost', async () => {
    const world = await loadedProject();

    world.project.rename(1, 'Sent');
    world.project.suspendAutoSync();
    await world.drop();
    world.page.timers.advance(30_000);
    await world.open('client-2');
    assert.deepEqual(world.socket.commands(), ['login']);
    assert.equal(world.project.name(1), 'Sent');
  });

  it('loses its queue to a reset, reports that and removes the badge', async () => {
    const world = await loadedProject();

    world.project.suspendAutoSync();
    world.project.rename(1, 'Mine');
    world.dataset(12);
    world.receive('reset', { project: 1, userName: 'Ines' });
    await settle();

    assert.equal(world.of('revisionQueueClear').length, 1);
    assert.equal(world.of('error')[0].lost.length, 1);
    world.project.resumeAutoSync();
    assert.deepEqual(world.sent('project_change'), []);
  });

  it('has a control with a switch, a button and a badge', async () => {
    const world = await loadedProject();
    const control = new world.page.sync.AutoSyncControl({ project: world.project });
    const { triggerSync } = control.widgetMap;

    control.onToggle({ checked: false });
    world.project.rename(1, 'A');
    assert.equal(triggerSync.hidden, false);
    assert.equal(triggerSync.badge, 1);
    control.sync();
    assert.equal(triggerSync.badge, null);
    assert.equal(world.sent('project_change').length, 1);
    assert.equal(world.project.isAutoSyncSuspended, true);
    control.onToggle({ checked: true });
    assert.equal(world.project.isAutoSyncSuspended, false);
    assert.equal(triggerSync.hidden, true);
  });
});

describe('A viewer', () => {
  it('is recognised by the first refusal, and returns to the server\'s state', async () => {
    const world = await loadedProject();

    world.project.rename(1, 'Mine');
    world.refuse('project_change', 'Authorization required', { project: 1 });
    assert.deepEqual(world.of('wsReadOnlyChange').map(({ readOnly }) => readOnly), [true]);
    assert.equal(world.project.wsReadOnly, true);
    world.dataset(10);
    await settle();
    assert.equal(world.project.name(1), 'One');
    assert.equal(world.of('error').at(-1).lost.length, 1);
  });

  it('is recognised by the role, and sends no edit', async () => {
    const world = await loadedProject();

    world.dataset(10, undefined, { role: 'viewer' });
    await settle();
    world.project.rename(1, 'Mine');
    assert.deepEqual(world.sent('project_change'), []);
    assert.equal(world.of('error').at(-1).code, 'read-only');
    assert.equal(world.sent('dataset').length, 2);
  });

  it('does not send corrections of the library, and is in sync when it may edit', async () => {
    const world = await loadedProject();

    world.dataset(10, undefined, { role: 'viewer' });
    await settle();
    world.project.edit({ tasks: { updated: [{ id: 1, effort: 3 }] } });
    world.project.edit({ tasks: { updated: [{ id: 1, effort: 4 }] } });
    await settle();
    assert.deepEqual(world.project.uncommitted, []);
    world.receive('projects', { projects: [{ id: 1, name: 'Plan', role: 'editor' }] });
    world.project.rename(1, 'Mine');
    world.accept(11);
    await settle();
    assert.equal(world.project.name(1), 'Mine');
    assert.deepEqual(world.project.faults, []);
    assert.deepEqual(world.of('wsReadOnlyChange').map(({ readOnly }) => readOnly), [true, false]);
  });
});

describe('Two projects on one page', () => {
  it('each have a socket, a session and a queue', async () => {
    const page = createPage();
    const one = await loadedProject({ page });
    const two = await loadedProject({ page, wsProjectId: 2 });

    one.project.rename(1, 'In one');
    two.project.rename(1, 'In two');
    assert.equal(page.WebSocket.all.length, 2);
    assert.notEqual(one.sent('project_change')[0].session, two.sent('project_change')[0].session);
    two.accept(11);
    await settle();
    assert.equal(one.project.wsPendingCount, 1);
    assert.equal(two.project.wsPendingCount, 0);
    await one.drop();
    assert.equal(two.project.wsState, 'online');
  });

  it('can show the same project and each other\'s edits', async () => {
    const page = createPage();
    const one = await loadedProject({ page });
    const two = await loadedProject({ page });
    const localRevision = one.project.rename(1, 'Uno');

    for (const world of [one, two]) {
      world.project.clientId = world === one ? 'client-1' : 'client-3';
      world.change({ revision: 11, localRevision, client: 'client-1', changes: renaming(1, 'Uno') });
    }
    await settle();
    assert.equal(two.project.name(1), 'Uno');
    assert.deepEqual([...one.project.faults, ...two.project.faults], []);
  });
});

describe('Destroying a project', () => {
  it('closes its socket, leaves no timer and no listener, and reports unsent edits', async () => {
    const world = await loadedProject();

    await world.drop();
    world.project.rename(1, 'Unsent');
    world.project.destroy();
    world.page.timers.advance(120_000);
    await settle();

    assert.equal(world.page.WebSocket.all.length, 1);
    assert.equal(world.page.timers.count, 0);
    assert.equal(world.page.environment.leave(), false);
    assert.equal(world.of('error')[0].lost.length, 1);
  });

  it('while a dataset is in flight has no further effect', async () => {
    const world = await loadedProject();
    const { socket } = world;

    world.change({ revision: 12, client: 'client-9', changes: {} });
    world.dataset(12, [{ id: 1, name: 'Late' }]);
    world.project.destroy();
    await settle();
    assert.equal(world.project.name(1), 'One');
    assert.equal(socket.readyState, 3);
  });
});

describe('The login widget', () => {
  async function loggedIn(config = {}) {
    const page = createPage();
    const world = new ProjectWorld(page);
    const widget = new page.sync.LoginWidget({ project: world.project, host: 'ws://sync.test/', ...config });
    const events = [];

    widget.ion({ login: () => events.push('login'), logout: () => events.push('logout') });
    widget.widgetMap.userName.value = 'Hugo';
    const done = widget.login();

    await settle();
    world.socket.open();
    await done;
    world.receive('login', { client: 'client-1', userName: 'Hugo <b>' });
    world.dataset(10);
    await settle();
    return { page, world, widget, events };
  }

  it('logs in, lists projects and opens the first', async () => {
    const { world, widget, events } = await loggedIn();

    assert.deepEqual(world.socket.commands(), ['login', 'projects', 'dataset']);
    assert.deepEqual(events, ['login']);
    assert.equal(widget.loggedIn, true);
    assert.equal(widget.widgetMap.loginLabel.html, 'Logged in as Hugo &lt;b>');
    assert.equal(widget.widgetMap.loginButton.hidden, true);
    assert.equal(world.project.name(1), 'One');
  });

  it('logs out permanently', async () => {
    const { page, world, widget, events } = await loggedIn();

    widget.logout();
    await settle();
    world.receive('logout', {});
    page.timers.advance(120_000);
    await settle();
    assert.deepEqual(events, ['login', 'logout']);
    assert.equal(world.project.wsProjectId, null);
    assert.equal(page.WebSocket.all.length, 1);
    assert.equal(widget.widgetMap.loginButton.hidden, false);
  });

  it('can be retried after a refusal', async () => {
    const page = createPage();
    const world = new ProjectWorld(page);
    const widget = new page.sync.LoginWidget({ project: world.project, host: 'ws://sync.test/', askPassword: true });

    widget.widgetMap.userName.value = 'Hugo';
    widget.widgetMap.password.value = 'wrong';
    const done = widget.login();

    await settle();
    world.socket.open();
    await done;
    world.refuse('login', 'Wrong username/password');
    world.refuse('dataset', 'Authentication required');
    await settle();
    assert.equal(widget.loggedIn, false);

    widget.widgetMap.password.value = 'right';
    await widget.login();
    world.receive('login', { client: 'client-1', userName: 'Hugo' });
    world.dataset(10);
    await settle();
    assert.equal(widget.loggedIn, true);
    assert.equal(world.project.name(1), 'One');
    assert.equal(world.sent('login').at(-1).password, 'right');
  });

  it('stays logged in under the same name during a reconnect', async () => {
    const { page, world, events } = await loggedIn();

    await world.drop();
    page.timers.advance(30_000);
    await world.open('client-2');
    assert.deepEqual(world.sent('login'), [{ login: 'Hugo', password: '' }]);
    assert.deepEqual(events, ['login']);
  });

  it('does not show a negotiated address', async () => {
    const { widget } = await loggedIn({ host: async () => 'ws://sync.test/' });

    widget.logout();
    widget.handleLogout();
    assert.equal(widget.widgetMap.serverAddress.hidden, true);
    assert.equal(widget.widgetMap.userName.hidden, false);
  });
});

describe('The list of users', () => {
  it('shows the users present and announces arrivals and departures', async () => {
    const world = await loadedProject();
    const users = new world.page.sync.UsersContainer({ project: world.project });

    world.receive('users', { users: ['Hugo Beispiel', null, 'Ines'] });
    assert.deepEqual(world.page.library.toasts, []);
    world.receive('users', { users: ['Hugo Beispiel', 'Ines', '<i>Eve</i>'] });
    world.receive('users', { users: ['Hugo Beispiel', '<i>Eve</i>'] });

    assert.deepEqual(world.page.library.toasts, [
      '&lt;i>Eve&lt;/i> just connected',
      'Ines just disconnected'
    ]);
    assert.equal(users.children.length, 2);
    assert.match(users.children[0].html, /HB.*<label title="Hugo Beispiel">Hugo</);
    assert.doesNotMatch(users.children[1].html, /<i>/);
    await world.drop();
    assert.equal(users.children.length, 0);
    assert.equal(world.page.library.toasts.length, 2);
  });
});

describe('The helper of a view', () => {
  const createView = project => ({
    project,
    readOnly: false,
    masks: [],
    maskBody(html) {
      this.masks.push(html);
    },
    unmaskBody() {
      this.masks.push(null);
    }
  });

  it('shows that the page is offline', async () => {
    const world = await loadedProject();
    const view = createView(world.project);
    const helper = new world.page.sync.WebSocketHelper(view);

    await world.drop();
    world.page.timers.advance(30_000);
    await world.open('client-2');
    assert.deepEqual(view.masks.map(mask => mask?.includes('OFFLINE') ?? null), [null, true, null]);
    world.receive('reset', { project: 1, userName: '<b>' });
    assert.deepEqual(world.page.library.toasts, ['&lt;b> reset the data']);
    helper.destroy();
    await world.drop();
    assert.equal(view.masks.length, 3);
  });

  it('makes the view read-only exactly while the user is a viewer', async () => {
    const world = await loadedProject();
    const view = createView(world.project);
    const fixed = Object.assign(createView(world.project), { readOnly: true });

    [view, fixed].forEach(candidate => new world.page.sync.WebSocketHelper(candidate));
    world.dataset(10, undefined, { role: 'viewer' });
    assert.equal(view.readOnly, true);
    world.dataset(10, undefined, { role: 'editor' });
    assert.deepEqual([view.readOnly, fixed.readOnly], [false, true]);
  });
});
