import { createBryntumSync } from '../bryntum/index.js';
import { createLibraryStub } from './bryntum-stub.js';
import { FakeTimers, FakeWindow, fakeWebSockets, settle } from './fakes.js';

/** Every event of the specification's table, and the module's own. */
export const EVENTS = [
  'wsOpen',
  'wsClose',
  'wsError',
  'wsMessage',
  'wsSendMessage',
  'wsLoad',
  'wsReceiveDataset',
  'wsBeforeReceiveChanges',
  'wsReceiveChanges',
  'wsSendChanges',
  'revisionQueued',
  'revisionQueueClear',
  'wsStateChange',
  'wsPending',
  'wsReadOnlyChange',
  'wsStoredEdits',
  'error'
];

/** A page with a stub of the library, and with sockets and a clock that the test controls. */
export function createPage(storage = {}) {
  const timers = new FakeTimers();
  const environment = new FakeWindow();
  const library = createLibraryStub();
  const sync = createBryntumSync(library, { timers, environment, random: () => 0.5, storage });
  const WebSocket = fakeWebSockets();

  sync.WebSocketManager.webSocketImplementation = WebSocket;
  return { timers, environment, library, sync, WebSocket };
}

/** One project of a page, and its side of the server. */
export class ProjectWorld {
  events = [];
  #sockets = [];

  constructor(page, config = {}) {
    this.page = page;
    this.project = new page.sync.WebSocketProjectModel(config);

    for (const type of EVENTS) {
      this.project.ion({ [type]: event => this.events.push({ ...event, type }) });
    }
  }

  of(type) {
    return this.events.filter(event => event.type === type);
  }

  types() {
    return this.events.map(({ type }) => type);
  }

  /** The latest socket of this project. */
  get socket() {
    return this.project.websocketManager.connector ?? this.#sockets.at(-1);
  }

  sent(command) {
    return this.socket.sent.filter(message => message.command === command).map(({ data }) => data);
  }

  receive(command, data) {
    this.socket.receive({ command, data });
  }

  refuse(command, error, data) {
    this.socket.receive({ command, error, ...(data ? { data } : {}) });
  }

  dataset(revision, tasksData = [{ id: 1, name: 'One' }], extra = {}) {
    this.receive('dataset', { project: this.project.wsProjectId, revision, dataset: { tasksData }, ...extra });
  }

  change(...revisions) {
    this.receive('project_change', { project: this.project.wsProjectId, revisions });
  }

  /** The server accepts the revisions of the last message. */
  accept(first, client) {
    const { revisions } = this.sent('project_change').at(-1);

    this.change(
      ...revisions.map(({ revision, clientId, changes }, index) => ({
        revision: first + index,
        localRevision: revision,
        client: client ?? clientId,
        changes
      }))
    );
  }

  async open(client = 'client-1', userName = 'Hugo') {
    await settle();
    this.#sockets.push(this.socket);
    this.socket.open();

    if (client) {
      this.receive('login', { client, userName });
    }
    await settle();
  }

  async drop() {
    this.#sockets.push(this.socket);
    this.socket.drop();
    await settle();
  }

  /** The connection is lost and reopened, with a dataset. */
  async reconnect(revision, tasksData, client = 'client-2') {
    await this.drop();
    this.page.timers.advance(30_000);
    await this.open(client);
    this.dataset(revision, tasksData);
    await settle();
  }
}

/** A loaded project at revision 10, with task 1 `One`. */
export async function loadedProject({ page = createPage(), revision = 10, tasks, userName, extra, ...config } = {}) {
  const world = new ProjectWorld(page, {
    wsAddress: 'ws://sync.test/',
    wsUserName: 'Hugo',
    wsProjectId: 1,
    ...config
  });

  await world.open('client-1', userName);
  world.dataset(revision, tasks, extra);
  await settle();
  return world;
}

export const renaming = (id, name) => ({ tasks: { updated: [{ id, name }], $input: { updated: [{ id, name }] } } });
