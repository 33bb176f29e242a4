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
 * @typedef {object} PendingRevision a revision of this page that the server has not acknowledged
 * @property {string} localRevision
 * @property {import('./change-set.js').Changes} changes
 * @property {number} characters
 * @property {boolean} sent on the current connection
 * @property {boolean} held until it is stored
 * @property {number | null} answeredAt its number, when the answer arrived while a dataset was awaited
 *
 * @typedef {object} ReceivedRevision
 * @property {number | string} revision
 * @property {boolean} own whether it acknowledges a pending revision of this page
 * @property {boolean} known whether the dataset already includes it: it only acknowledges a pending revision
 * @property {string | undefined} localRevision
 * @property {string | undefined} client
 * @property {string | undefined} userName the author's name, from servers that send it
 * @property {import('./change-set.js').Changes} changes
 *
 * @typedef {object} SyncClientOptions
 * @property {string | (() => string | Promise<string>)} address WebSocket URL, or a function that returns one
 * @property {string} userName
 * @property {string} [password]
 * @property {string | number} project compared strictly with the server's value
 * @property {string} [session] identifies this page to the server, so that a resent revision is accepted once
 * @property {typeof WebSocket} [WebSocket]
 * @property {{ setTimeout: Function, clearTimeout: Function, now: () => number }} [timers]
 * @property {() => number} [random]
 * @property {any} [environment] the target whose `online`, `offline` and `visibilitychange` events are observed
 * @property {number} [pendingMax] limit of unacknowledged revisions
 * @property {boolean} [persist] stores unacknowledged revisions in the browser, so that they outlive the page
 * @property {{ indexedDB?: any, locks?: any, now?: () => number }} [storage]
 * @property {boolean} [confirmLeave] whether the browser asks before a page with unacknowledged revisions is left
 */

/**
 * The connection of one page to one project. Keeps the server's order, detects gaps, reconnects by itself and resends
 * unacknowledged revisions. It knows nothing about records: see {@link import('./record-store.js').RecordStore}.
 *
 * A socket serves one project: in the protocol, requesting a dataset ends the connection's previous subscription.
 *
 * Events: `state` {state, reason, retryInMs, final}, `users` {users}, `join` and `leave` {userName}, `projects`
 * {projects}, `dataset` {dataset, revision, asked, dropped, lost}, `changes` {revisions}, `answered` {localRevision,
 * changes} (an answer that arrived before an awaited dataset), `reset` {userName, dropped}, `access` {readOnly},
 * `error` {command, message, final}, `pending` {count}, `stored` {reason, edits, discard} (edits of closed pages that
 * can no longer be sent). `final` means that there are no further attempts until `connect` is called.
 */
export class SyncClient extends Emitter {
  #options;
  /** @type {ClientSocket} */
  #socket;
  #datasetsAsked = 0;
  /**
   * Whether the last message was a dataset that counted as the answer to a request. A reset notice after it tells
   * otherwise.
   */
  #tookForAnswer = false;
  #loadedOnThisSocket = false;
  #refused = false;
  #nextLocal = 1;
  /** @type {PendingRevision[]} */
  #pending = [];
  #pendingCharacters = 0;
  /** Local revisions older than the last dataset; a reset notice after it drops them. */
  #pendingBeforeDataset = new Set();
  /**
   * Client ids that the server gave this page, one per connection: an answer may carry the id of the sending
   * connection.
   */
  #ownClients = new Set();
  #order = new RevisionOrder();
  /** @type {Clocks} */
  #clocks;
  #destroyed = false;
  /** @type {Persistence | null} */
  #persistence = null;
  /** What the server states about this user and the project's lineage. */
  #place = { user: '' };
  /** Whether the last reported state was final. @type {boolean | undefined} */
  #final = undefined;

  /** @type {ConnectionState} */
  state = 'idle';
  /** Whether this user has read-only access. */
  readOnly = false;
  /** @type {string[]} one entry per connection */
  users = [];
  /** @type {string | undefined} */
  clientId = undefined;
  /** The revision of the dataset that this page is based on. @type {number | null} */
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

  /** Revisions that are not acknowledged, oldest first. @returns {readonly PendingRevision[]} */
  get pending() {
    return this.#pending;
  }

  /**
   * Connects and stays connected until {@link disconnect} or {@link logout}. While a reconnect is pending, connects at
   * once.
   */
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

  /** Closes the connection permanently: nothing is sent and no listener is called any more. */
  destroy() {
    if (!this.#destroyed) {
      this.disconnect('closed by the page');
      this.#destroyed = true;
      // The next page sends what is stored.
      this.#persistence?.close();
      this.clear();
    }
  }

  /**
   * Ends the session; the server closes the connection and other users see this user leave. With `persist`,
   * unacknowledged revisions are discarded, because the next user must not send them: ask the user first when {@link
   * pending} is not empty.
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

  /** Requests the projects that the user may open; answered by `projects`. */
  requestProjects() {
    return this.#send('projects', {});
  }

  /** Requests the dataset again; pending revisions are kept and sent again on top of it. */
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

  /** Resets the project to its initial state, for all users. */
  reset() {
    return this.#send('reset', { project: this.project });
  }

  /**
   * Takes a change of the user: sends it now when online, else once the project has been loaded again.
   * @param {import('./change-set.js').Changes} changes
   * @returns {string | null} the local revision; null when the change was refused, for the reason in `error`
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

  /** @returns {string | null} why a change is refused */
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

  /** A repeated request would be refused again. */
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
      // A truncated message means that revisions may be missing.
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
        // A timed reset by the server names no project.
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

    // An unrequested dataset follows a reset, a restore or a refusal: edits based on the old state are void.
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
      message: `Changes are lost if this page is closed before they are sent: ${reason}.`,
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

      // An awaited dataset includes all revisions that arrive before it; only answers matter, for the ids they assign.
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

  /** Records the answer to a revision that the awaited dataset will include. */
  #answered(pending, revision) {
    if (pending) {
      pending.answeredAt = typeof revision.revision === 'number' ? revision.revision : -1;
      this.emit('answered', { localRevision: pending.localRevision, changes: revision.changes ?? {} });
    }
  }

  #wasReset(userName) {
    if (this.#tookForAnswer) {
      // The requested dataset is still to come; this one does not belong to a reset of its own.
      this.#tookForAnswer = false;
      this.#awaitDataset();
    }

    // There is something left to drop only if an awaited dataset was mistaken for that of the reset.
    const dropped = this.#pending.filter(pending => this.#pendingBeforeDataset.has(pending.localRevision));

    dropped.forEach(pending => this.#settle(pending));
    this.emit('reset', { userName, dropped: dropped.map(pending => pending.localRevision) });
  }

  #failed(command, message) {
    const lasting = isLastingRefusal(message);
    const pause = retryAfter(message);

    if (pause !== null && ['login', 'dataset', 'project_change'].includes(command)) {
      // The request had no effect: everything is requested again, on a new connection after the time that the server
      // states.
      this.emit('error', { command, message, final: false });
      this.#socket.drop(message, pause);
      return;
    }

    // The login was refused: a repeated request under the same name would be refused again.
    if ((command === 'login' || command === 'dataset') && (lasting || !this.#loadedOnThisSocket)) {
      this.#stop(command, message);
      return;
    }

    this.emit('error', { command, message, final: false });

    if (command === 'login' || command === 'dataset') {
      this.#socket.drop(message);
    } else if (command === 'project_change' && lasting) {
      // No dataset follows, but the edit must not stay visible.
      this.#refused = true;
      this.#allow('viewer');
      this.requestDataset();
    } else if (command === 'project_change') {
      this.#refused = true;
      this.#clocks.set('refusal', REFUSAL_DATASET_WAIT_MS, () => this.requestDataset());
    }
  }

  /** @param {unknown} role as stated by servers that support roles */
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

  /** The wait restarts with every answer, so a long queue may take its time while it makes progress. */
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

  /** The socket is gone: anything in flight may or may not have arrived. */
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
