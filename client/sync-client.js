import { uuid } from './change-set.js';
import { ClientSocket } from './client-socket.js';
import { Clocks } from './clocks.js';
import {
  ACKNOWLEDGE_TIMEOUT_MS,
  JOIN_TIMEOUT_MS,
  PENDING_CHARACTERS_MAX,
  PENDING_MAX,
  REFUSAL_DATASET_WAIT_MS,
  REVISION_BYTES_MAX,
  fitsInMessage,
  isLastingRefusal,
  retryAfter,
  takeMessage
} from './connection-policy.js';
import { Emitter } from './emitter.js';
import { serverOf, storageOf } from './offline-queue.js';
import { Persistence } from './persistence.js';
import { RevisionOrder } from './revision-order.js';

/**
 * @typedef {'idle' | 'connecting' | 'online' | 'offline'} ConnectionState
 *
 * @typedef {object} PendingRevision a revision of ours that the server has not answered yet
 * @property {string} localRevision
 * @property {import('./change-set.js').Changes} changes
 * @property {number} characters
 * @property {boolean} sent on the present connection
 * @property {boolean} held until it is stored
 * @property {number | null} answeredAt the number it got, when the answer came while a dataset was awaited
 *
 * @typedef {object} ReceivedRevision
 * @property {number | string} revision
 * @property {boolean} own whether it answers a pending revision of this page
 * @property {boolean} known whether the dataset already holds it: it settles a pending revision and changes nothing else
 * @property {string | undefined} localRevision
 * @property {string | undefined} client
 * @property {string | undefined} userName the author's name, from servers that send it
 * @property {import('./change-set.js').Changes} changes
 *
 * @typedef {object} SyncClientOptions
 * @property {string | (() => string | Promise<string>)} address WebSocket URL, or how to get one (negotiation)
 * @property {string} userName
 * @property {string} [password]
 * @property {string | number} project compared strictly with what the server sends
 * @property {string} [session] names this page towards the server, so that a resent revision is accepted once
 * @property {typeof WebSocket} [WebSocket]
 * @property {{ setTimeout: Function, clearTimeout: Function, now: () => number }} [timers]
 * @property {() => number} [random]
 * @property {any} [environment] where `online`, `offline` and `visibilitychange` are listened for
 * @property {number} [pendingMax] unacknowledged revisions kept
 * @property {boolean} [persist] keeps unacknowledged revisions in the browser, so that they survive the page
 * @property {{ indexedDB?: any, locks?: any, now?: () => number }} [storage]
 * @property {boolean} [confirmLeave] whether the browser asks before a page with unacknowledged revisions is left
 */

/**
 * One page's connection to one project. Keeps the server's order, notices what is missing, reconnects by itself and
 * sends again what was not answered. It knows nothing of records: see {@link import('./record-store.js').RecordStore}.
 *
 * A socket serves one project: in the protocol a dataset that is asked for ends the connection's earlier subscription.
 *
 * Events: `state` {state, reason, retryInMs, final}, `users` {users}, `join` and `leave` {userName}, `projects`
 * {projects}, `dataset` {dataset, revision, asked, dropped, lost}, `changes` {revisions}, `answered` {localRevision,
 * changes} (an answer that came before an awaited dataset), `reset` {userName, dropped}, `access` {readOnly}, `error`
 * {command, message, final}, `pending` {count}, `stored` {reason, edits, discard} (edits of closed pages that must not be
 * sent any more). `final` says that no further attempt is made until `connect` is called.
 */
export class SyncClient extends Emitter {
  #options;
  /** @type {ClientSocket} */
  #socket;
  #datasetsAsked = 0;
  /** Whether the last message was a dataset taken for one that was asked for; a notice behind it says it was a reset's. */
  #tookForAnswer = false;
  #loadedOnThisSocket = false;
  #refused = false;
  #nextLocal = 1;
  /** @type {PendingRevision[]} */
  #pending = [];
  #pendingCharacters = 0;
  /** Local revisions older than the last dataset; a reset notice that follows drops them. */
  #pendingBeforeDataset = new Set();
  /** Ids that the server gave this page, one per connection: an answer may carry the id of the connection that sent. */
  #ownClients = new Set();
  #order = new RevisionOrder();
  /** @type {Clocks} */
  #clocks;
  #destroyed = false;
  /** @type {Persistence | null} */
  #persistence = null;
  /** What the server says of this user and of the project's lineage. */
  #place = { user: '' };
  /** Whether the last state that was told was to stay. @type {boolean | undefined} */
  #final = undefined;

  /** @type {ConnectionState} */
  state = 'idle';
  /** Whether the server let this user look only. */
  readOnly = false;
  /** @type {string[]} one entry per connection */
  users = [];
  /** @type {string | undefined} */
  clientId = undefined;
  /** The revision of the dataset that this page works on. @type {number | null} */
  datasetRevision = null;

  /** @param {SyncClientOptions} options */
  constructor(options) {
    super();
    this.#options = { password: '', pendingMax: PENDING_MAX, confirmLeave: true, ...options };
    this.#clocks = new Clocks(options.timers);
    this.#socket = new ClientSocket(this.#options, this.#handlers());
    this.session = options.session ?? uuid();

    if (options.persist) {
      this.#persistence = new Persistence(this.session, options.storage ?? storageOf(globalThis), {
        place: () => this.#placeNow(),
        offer: event => this.emit('stored', event),
        unavailable: reason => this.#notPersisted(reason),
        canSend: () => this.state === 'online' && this.#datasetsAsked === 0,
        send: message => this.#send('project_change', message)
      });
    }
  }

  get project() {
    return this.#options.project;
  }

  get userName() {
    return this.#options.userName;
  }

  /** The last revision applied; null before the first dataset, or when the server does not number. @type {number | null} */
  get revision() {
    return this.#order.revision;
  }

  /** Revisions that wait for the server, oldest first. @returns {readonly PendingRevision[]} */
  get pending() {
    return this.#pending;
  }

  /** Connects and stays connected until {@link disconnect} or {@link logout}. Called while waiting, tries at once. */
  connect() {
    if (this.#destroyed) {
      throw new Error('This client was destroyed');
    }
    this.#socket.open();
  }

  /** Closes the connection and stays offline. Pending revisions are kept for the next {@link connect}. */
  disconnect(reason = 'closed by the user') {
    this.#socket.close(reason);
  }

  /** Closes the connection for good: nothing is sent and no listener is called any more. */
  destroy() {
    if (!this.#destroyed) {
      this.disconnect('closed by the page');
      this.#destroyed = true;
      // What is stored is sent by the next page.
      this.#persistence?.close();
      this.clear();
    }
  }

  /**
   * Ends the session; the server closes the connection and the others see this user leave. With `persist`, what is not
   * acknowledged is given up, since the next user must not send it: ask before, when {@link pending} is not empty.
   */
  logout() {
    this.#socket.leave();

    if (this.#persistence) {
      this.#pending.slice().forEach(pending => this.#settle(pending));
    }

    if (!this.#send('logout', {})) {
      this.disconnect('logged out');
    }
  }

  /** Asks which projects the user may open; answered by `projects`. */
  requestProjects() {
    return this.#send('projects', {});
  }

  /** Asks for the dataset again; pending revisions stay and are sent again on top of it. */
  requestDataset() {
    if (!this.#send('dataset', { project: this.project })) {
      return false;
    }

    this.#awaitDataset();
    return true;
  }

  #awaitDataset() {
    this.#datasetsAsked++;
    this.#clocks.set('join', JOIN_TIMEOUT_MS, () => this.#socket.drop('the server did not send the project'));
  }

  /** Puts the project back to its first state, for everybody. */
  reset() {
    return this.#send('reset', { project: this.project });
  }

  /**
   * Takes a change of the user: sent now when online, else as soon as the project is loaded again.
   * @param {import('./change-set.js').Changes} changes
   * @returns {string | null} the local revision; null when the change was not taken, for the reason that `error` says
   */
  submit(changes) {
    const json = JSON.stringify(changes);
    const characters = json.length;
    const refusal = this.#refusalOf(json);

    if (refusal) {
      this.emit('error', { command: 'project_change', message: refusal });
      return null;
    }

    const localRevision = `local-${this.#nextLocal++}`;

    const pending = { localRevision, changes, characters, sent: false, held: this.#persistence !== null, answeredAt: null };

    this.#pending.push(pending);
    this.#pendingCharacters += characters;
    this.emit('pending', { count: this.#pending.length });
    this.#store(pending);
    this.#flush();
    return localRevision;
  }

  async #store(pending) {
    if (this.#persistence) {
      const { localRevision, changes } = pending;

      await this.#persistence.save({
        localRevision,
        clientId: this.clientId,
        clients: [...this.#ownClients],
        changes
      });
      pending.held = false;
      this.#flush();
    }
  }

  /**
   * Replaces the content of a pending revision before it is sent again, or drops it.
   * @param {string} localRevision
   * @param {import('./change-set.js').Changes | null} changes
   */
  amend(localRevision, changes) {
    const pending = this.#pending.find(candidate => candidate.localRevision === localRevision);

    if (!pending) {
      return;
    }

    if (changes === null) {
      this.#settle(pending);
    } else {
      const characters = JSON.stringify(changes).length;

      this.#pendingCharacters += characters - pending.characters;
      Object.assign(pending, { changes, characters });
    }
  }

  /** @returns {string | null} why a change cannot be taken */
  #refusalOf(json) {
    if (this.#destroyed) {
      return 'The project is closed.';
    }

    if (this.readOnly) {
      return 'You may look at this project but not edit it.';
    }

    if (!fitsInMessage(json)) {
      return `The change is larger than ${REVISION_BYTES_MAX} bytes.`;
    }

    return this.#pending.length >= this.#options.pendingMax ||
      this.#pendingCharacters + json.length > PENDING_CHARACTERS_MAX
      ? 'Too many changes wait for the server. Reconnect before you go on.'
      : null;
  }

  #handlers() {
    return {
      connecting: () => this.#setState('connecting'),
      opened: () => this.#opened(),
      message: text => this.#received(text),
      ended: () => this.#ended(),
      offline: detail => this.#setState('offline', detail),
      refused: message => this.#stop('connect', message),
      unsaved: () => this.#options.confirmLeave && this.#pending.length > 0
    };
  }

  /** What was refused now would be refused again. */
  #stop(command, message) {
    this.emit('error', { command, message, final: true });
    this.disconnect(message);
  }

  #opened() {
    this.#loadedOnThisSocket = false;
    this.#datasetsAsked = 0;
    // The server answers in order, so there is nothing to wait for in between.
    this.#send('login', { login: this.#options.userName, password: this.#options.password });
    this.requestProjects();
    this.requestDataset();
  }

  #received(text) {
    let message;

    try {
      message = JSON.parse(text);
    } catch {
      // A cut message means that revisions may be missing.
      this.#socket.drop('the server sent something that cannot be read');
      return;
    }

    const { command } = message;
    const data = message.data ?? {};

    if (command === 'error' || 'error' in message) {
      this.#failed(command, String(message.error ?? message.message ?? 'Unknown error'));
      return;
    }

    const ours = data.project === this.project;

    switch (command) {
      case 'login':
        this.clientId = data.client;
        this.#place.user = data.userName;
        this.#ownClients.add(data.client);
        break;
      case 'users':
        this.users = (data.users ?? []).filter(user => typeof user === 'string' && user !== '');
        this.emit('users', { users: this.users });
        break;
      case 'join':
        this.emit('join', { userName: data.userName });
        break;
      case 'logout':
        if (data.userName === undefined) {
          this.disconnect('logged out');
        } else {
          this.emit('leave', { userName: data.userName });
        }
        break;
      case 'projects':
        this.#allow((data.projects ?? []).find(({ id }) => id === this.project)?.role);
        this.emit('projects', { projects: data.projects ?? [] });
        break;
      case 'dataset':
        if (ours) {
          this.#loaded(data);
        }
        break;
      case 'project_change':
        if (ours) {
          this.#changed(data.revisions ?? []);
        }
        break;
      case 'reset':
        // A server's own timed reset names no project.
        if (ours || data.project === undefined) {
          this.#wasReset(data.userName);
        }
        break;
    }
  }

  #loaded(data) {
    const asked = this.#datasetsAsked > 0;

    this.#tookForAnswer = asked;
    this.#datasetsAsked = Math.max(0, this.#datasetsAsked - 1);
    this.#clocks.clear('join');
    this.#clocks.clear('refusal');
    this.#socket.succeeded();
    this.#loadedOnThisSocket = true;
    this.#order.start(data.revision);
    this.datasetRevision = this.revision;

    // A dataset that nobody asked for follows a reset, a restore or a refusal: what was based on the old state is void.
    const keep = asked && !this.#refused;
    const dropped = keep ? [] : this.#pending.slice();

    this.#refused = false;
    dropped.forEach(pending => this.#settle(pending));
    this.#allow(data.role);
    this.#place = { ...this.#place, epoch: data.epoch, resetRevision: data.resetRevision };

    for (const pending of this.#pending.slice()) {
      pending.sent = false;

      if (pending.answeredAt !== null && pending.answeredAt <= (this.revision ?? -1)) {
        this.#settle(pending);
      }
    }

    this.#pendingBeforeDataset = new Set(this.#pending.map(pending => pending.localRevision));
    this.#setState('online');
    this.emit('dataset', {
      dataset: data.dataset ?? {},
      revision: this.revision,
      asked,
      dropped: dropped.length,
      lost: dropped.map(({ localRevision, changes }) => ({ localRevision, changes }))
    });
    this.#flush();
    this.#persistence?.loaded(this.readOnly ? 'readOnly' : keep ? null : 'reset');
  }

  #placeNow() {
    return {
      ...this.#place,
      project: this.project,
      server: serverOf(this.#options.address),
      revision: this.datasetRevision
    };
  }

  #notPersisted(reason) {
    this.emit('error', {
      command: 'persist',
      message: `Changes are lost when this page is closed before they are sent: ${reason}.`,
      final: false
    });
  }

  #changed(answers) {
    const revisions = this.#persistence?.settle(answers) ?? answers;

    this.#tookForAnswer = false;
    /** @type {ReceivedRevision[]} */
    const received = [];

    for (const revision of revisions) {
      const pending = this.#ownClients.has(revision.client)
        ? this.#pending.find(candidate => candidate.localRevision === revision.localRevision)
        : undefined;

      // Whatever comes before an awaited dataset is part of it; only answers are worth noting, for the ids they give.
      if (this.#datasetsAsked > 0) {
        this.#answered(pending, revision);
        continue;
      }

      const order = this.#order.take(revision.revision);

      if (order === 'gap') {
        this.requestDataset();

        this.#answered(pending, revision);
        continue;
      }

      if (order === 'known' && !pending) {
        continue;
      }

      if (pending) {
        this.#settle(pending);
      }

      received.push({
        revision: revision.revision,
        own: pending !== undefined,
        known: order === 'known',
        localRevision: revision.localRevision,
        client: revision.client,
        userName: revision.userName,
        changes: revision.changes ?? {}
      });
    }

    if (received.length > 0) {
      this.emit('changes', { revisions: received });
    }
  }

  /** Notes the answer to a revision that the awaited dataset will hold. */
  #answered(pending, revision) {
    if (pending) {
      pending.answeredAt = typeof revision.revision === 'number' ? revision.revision : -1;
      this.emit('answered', { localRevision: pending.localRevision, changes: revision.changes ?? {} });
    }
  }

  #wasReset(userName) {
    if (this.#tookForAnswer) {
      // The dataset that was asked for is still on its way, and no reset of its own.
      this.#tookForAnswer = false;
      this.#awaitDataset();
    }

    // Only if an awaited dataset was taken for the reset's own is anything left to drop.
    const dropped = this.#pending.filter(pending => this.#pendingBeforeDataset.has(pending.localRevision));

    dropped.forEach(pending => this.#settle(pending));
    this.emit('reset', { userName, dropped: dropped.map(pending => pending.localRevision) });
  }

  #failed(command, message) {
    const lasting = isLastingRefusal(message);
    const pause = retryAfter(message);

    if (pause !== null && ['login', 'dataset', 'project_change'].includes(command)) {
      // Nothing has happened: all is asked for again, on a new connection after the time that the server names.
      this.emit('error', { command, message, final: false });
      this.#socket.drop(message, pause);
      return;
    }

    // Refused at the door: asking again with the same name would be refused again.
    if ((command === 'login' || command === 'dataset') && (lasting || !this.#loadedOnThisSocket)) {
      this.#stop(command, message);
      return;
    }

    this.emit('error', { command, message, final: false });

    if (command === 'login' || command === 'dataset') {
      this.#socket.drop(message);
    } else if (command === 'project_change' && lasting) {
      // No dataset follows, but what was edited must not stay in sight.
      this.#refused = true;
      this.#allow('viewer');
      this.requestDataset();
    } else if (command === 'project_change') {
      this.#refused = true;
      this.#clocks.set('refusal', REFUSAL_DATASET_WAIT_MS, () => this.requestDataset());
    }
  }

  /** @param {unknown} role as a server states it that knows roles */
  #allow(role) {
    const readOnly = role === 'viewer';

    if (typeof role === 'string' && readOnly !== this.readOnly) {
      this.readOnly = readOnly;
      this.emit('access', { readOnly });
    }
  }

  #flush() {
    if (this.state !== 'online' || this.#datasetsAsked > 0 || this.#refused) {
      return;
    }

    const unsent = this.#pending.filter(pending => !pending.sent);
    const held = unsent.findIndex(pending => pending.held);
    const waiting = held < 0 ? unsent : unsent.slice(0, held);

    while (waiting.length > 0) {
      const batch = takeMessage(waiting);
      const sent = this.#send('project_change', {
        project: this.project,
        client: this.clientId,
        session: this.session,
        datasetRevision: this.datasetRevision ?? undefined,
        revisions: batch.map(({ localRevision, changes }) => ({
          revision: localRevision,
          clientId: this.clientId,
          changes
        }))
      });

      if (!sent) {
        return;
      }

      batch.forEach(pending => (pending.sent = true));
    }

    this.#watchAnswers(false);
  }

  /** The wait starts anew with every answer, so a long queue may take its time as long as it moves. */
  #watchAnswers(restart) {
    if (!this.#pending.some(pending => pending.sent)) {
      this.#clocks.clear('answers');
    } else if (restart || !this.#clocks.has('answers')) {
      this.#clocks.set('answers', ACKNOWLEDGE_TIMEOUT_MS, () => this.#socket.drop('the server did not confirm a change'));
    }
  }

  #settle(pending) {
    this.#pending = this.#pending.filter(candidate => candidate !== pending);
    this.#pendingBeforeDataset.delete(pending.localRevision);
    this.#pendingCharacters -= pending.characters;
    this.#persistence?.forget([pending.localRevision]);
    this.#watchAnswers(true);
    this.emit('pending', { count: this.#pending.length });
  }

  #send(command, data) {
    return this.#socket.send(command, data);
  }

  /** The socket is gone: nothing that was on its way is known to have arrived. */
  #ended() {
    this.#datasetsAsked = 0;
    this.#refused = false;
    this.#clocks.clearAll();
    this.#pending.forEach(pending => (pending.sent = false));

    if (this.users.length > 0) {
      this.users = [];
      this.emit('users', { users: this.users });
    }
  }

  #setState(state, detail = {}) {
    if (this.state !== state || detail.retryInMs !== undefined || detail.final !== this.#final) {
      this.state = state;
      this.#final = detail.final;
      this.emit('state', { state, ...detail });
    }
  }
}
