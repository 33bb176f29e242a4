import { Emitter } from './emitter.js';
import { uuid } from './change-set.js';

/** First ceiling of the random wait before a new attempt to connect; it doubles with every failure. */
const RETRY_BASE_MS = 500;
/** Last ceiling: a server that comes back after an outage sees its clients spread over half a minute. */
const RETRY_MAX_MS = 30_000;
/** How the server ends what it says to whoever asks too much at once (docs/protocol.md). */
const TRY_AGAIN = /; try again in (\d+) s$/;
/** A socket that is not open by then will not open; mobile networks take up to ten seconds. */
const OPEN_TIMEOUT_MS = 15_000;
/** Login and dataset take one round trip each, plus a cold start of the server. */
const JOIN_TIMEOUT_MS = 60_000;
/** The server promises an answer to every revision; beyond this the socket is taken for dead. */
const ACKNOWLEDGE_TIMEOUT_MS = 20_000;
/** How long a probe of a socket that slept waits for any message. */
const PROBE_TIMEOUT_MS = 5_000;
/** A page that was hidden for less is not worth a probe. */
const PROBE_AFTER_HIDDEN_MS = 30_000;
/** After a refusal the server sends a dataset by itself; a server that does not is asked. */
const REFUSAL_DATASET_WAIT_MS = 3_000;
/** Unacknowledged revisions kept: the server takes 1,000 in one message. */
const PENDING_MAX = 1_000;
/** Characters of unacknowledged revisions kept; bounds memory of a page that stays offline for days. */
const PENDING_CHARACTERS_MAX = 8_000_000;
/** Revisions and characters of one message: the service forwards at most 1 MiB, and a character may take three bytes. */
const MESSAGE_REVISIONS_MAX = 200;
const MESSAGE_CHARACTERS_MAX = 300_000;
/** Ids remembered to tell repeats apart on servers whose revision ids are not numbers. */
const OPAQUE_IDS_MAX = 2_000;

/**
 * @typedef {'idle' | 'connecting' | 'online' | 'offline'} ConnectionState
 *
 * @typedef {object} PendingRevision a revision of ours that the server has not answered yet
 * @property {string} localRevision
 * @property {import('./change-set.js').Changes} changes
 * @property {number} characters
 * @property {boolean} sent on the present connection
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
 */

/**
 * One page's connection to one project. Keeps the server's order, notices what is missing, reconnects by itself and
 * sends again what was not answered. It knows nothing of records: see {@link import('./record-store.js').RecordStore}.
 *
 * Events: `state` {state, reason, retryInMs}, `users` {users}, `join` and `leave` {userName}, `projects` {projects},
 * `dataset` {dataset, revision, asked, dropped}, `changes` {revisions}, `answered` {localRevision, changes} (an answer
 * that came before an awaited dataset), `reset` {userName, dropped}, `error` {command, message}, `pending` {count}.
 */
export class SyncClient extends Emitter {
  #options;
  #timers;
  #random;
  #environment;
  /** @type {WebSocket | null} */
  #socket = null;
  /** Rises with every attempt, so that an address that arrives late is not used. */
  #attempt = 0;
  #failures = 0;
  /** Before this the server would refuse again. */
  #notBefore = 0;
  #wanted = false;
  #datasetsAsked = 0;
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
  #opaqueIds = new Set();
  #clocks = new Map();
  #hiddenSince = null;
  #stopListening = () => {};

  /** @type {ConnectionState} */
  state = 'idle';
  /** @type {string[]} one entry per connection */
  users = [];
  /** @type {string | undefined} */
  clientId = undefined;
  /** The last revision applied; null before the first dataset, or when the server does not number. @type {number | null} */
  revision = null;
  /** The revision of the dataset that this page works on. @type {number | null} */
  datasetRevision = null;

  /** @param {SyncClientOptions} options */
  constructor(options) {
    super();
    this.#options = { password: '', pendingMax: PENDING_MAX, ...options };
    this.#timers = options.timers ?? {
      setTimeout: (callback, delay) => setTimeout(callback, delay),
      clearTimeout: id => clearTimeout(id),
      now: () => performance.now()
    };
    this.#random = options.random ?? Math.random;
    this.#environment = 'environment' in options ? options.environment : globalThis;
    this.session = options.session ?? uuid();
  }

  get project() {
    return this.#options.project;
  }

  get userName() {
    return this.#options.userName;
  }

  /** Revisions that wait for the server, oldest first. @returns {readonly PendingRevision[]} */
  get pending() {
    return this.#pending;
  }

  /** Connects and stays connected until {@link disconnect} or {@link logout}. Called while waiting, tries at once. */
  connect() {
    this.#wanted = true;

    if (this.#socket === null) {
      this.#listen();
      this.#failures = 0;
      this.#open();
    }
  }

  /** Closes the connection and stays offline. Pending revisions are kept for the next {@link connect}. */
  disconnect(reason = 'closed by the user') {
    this.#wanted = false;
    this.#stopListening();
    this.#abandon();
    this.#setState('offline', { reason });
  }

  /** Ends the session; the server closes the connection and the others see this user leave. */
  logout() {
    this.#wanted = false;
    this.#stopListening();

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

    this.#datasetsAsked++;
    this.#clock('join', JOIN_TIMEOUT_MS, () => this.#lost('the server did not send the project'));
    return true;
  }

  /** Puts the project back to its first state, for everybody. */
  reset() {
    return this.#send('reset', { project: this.project });
  }

  /**
   * Takes a change of the user: sent now when online, else as soon as the project is loaded again.
   * @param {import('./change-set.js').Changes} changes
   * @returns {string | null} the local revision; null when the queue is full and the change was not taken
   */
  submit(changes) {
    const characters = JSON.stringify(changes).length;

    if (
      this.#pending.length >= this.#options.pendingMax ||
      this.#pendingCharacters + characters > PENDING_CHARACTERS_MAX
    ) {
      this.emit('error', {
        command: 'project_change',
        message: 'Too many changes wait for the server. Reconnect before you go on.'
      });
      return null;
    }

    const localRevision = `local-${this.#nextLocal++}`;

    this.#pending.push({ localRevision, changes, characters, sent: false, answeredAt: null });
    this.#pendingCharacters += characters;
    this.emit('pending', { count: this.#pending.length });
    this.#flush();
    return localRevision;
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

  async #open() {
    const attempt = ++this.#attempt;

    this.#clear('retry');
    this.#setState('connecting');

    let address;

    try {
      address = typeof this.#options.address === 'function' ? await this.#options.address() : this.#options.address;
    } catch (error) {
      if (attempt === this.#attempt && this.#wanted) {
        this.#lost(`no address: ${error.message}`);
      }
      return;
    }

    if (attempt !== this.#attempt || !this.#wanted) {
      return;
    }

    const WebSocketClass = this.#options.WebSocket ?? globalThis.WebSocket;
    let socket;

    try {
      socket = new WebSocketClass(address);
    } catch (error) {
      this.#lost(error.message);
      return;
    }

    const guarded = handler => event => {
      if (socket === this.#socket) {
        handler(event);
      }
    };

    this.#socket = socket;
    socket.addEventListener('open', guarded(() => this.#opened()));
    socket.addEventListener('message', guarded(event => this.#received(event.data)));
    socket.addEventListener('close', guarded(event => this.#lost(event?.reason || 'connection lost')));
    // An error is always followed by a close, which says the same.
    socket.addEventListener('error', () => {});
    this.#clock('open', OPEN_TIMEOUT_MS, () => this.#lost('the server does not answer'));
  }

  #opened() {
    this.#clear('open');
    this.#loadedOnThisSocket = false;
    this.#datasetsAsked = 0;
    // The server answers in order, so there is nothing to wait for in between.
    this.#send('login', { login: this.#options.userName, password: this.#options.password });
    this.requestProjects();
    this.requestDataset();
  }

  #received(text) {
    this.#clear('probe');

    let message;

    try {
      message = JSON.parse(text);
    } catch {
      // A cut message means that revisions may be missing.
      this.#lost('the server sent something that cannot be read');
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

    this.#datasetsAsked = Math.max(0, this.#datasetsAsked - 1);
    this.#clear('join');
    this.#clear('refusal');
    this.#failures = 0;
    this.#loadedOnThisSocket = true;
    this.revision = this.datasetRevision = typeof data.revision === 'number' ? data.revision : null;
    this.#opaqueIds.clear();

    // A dataset that nobody asked for follows a reset, a restore or a refusal: what was based on the old state is void.
    const keep = asked && !this.#refused;
    const dropped = keep ? [] : this.#pending.slice();

    this.#refused = false;
    dropped.forEach(pending => this.#settle(pending));

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
      dropped: dropped.length
    });
    this.#flush();
  }

  #changed(revisions) {
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

      const order = this.#order(revision.revision);

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

  /** @returns {'next' | 'known' | 'gap'} */
  #order(revision) {
    if (typeof revision === 'number' && this.revision !== null) {
      if (revision <= this.revision) {
        return 'known';
      }

      if (revision > this.revision + 1) {
        return 'gap';
      }

      this.revision = revision;
      return 'next';
    }

    if (this.#opaqueIds.has(revision)) {
      return 'known';
    }

    this.#opaqueIds.add(revision);

    if (this.#opaqueIds.size > OPAQUE_IDS_MAX) {
      this.#opaqueIds.delete(this.#opaqueIds.values().next().value);
    }
    return 'next';
  }

  #wasReset(userName) {
    // Only if an awaited dataset was taken for the reset's own is anything left to drop.
    const dropped = this.#pending.filter(pending => this.#pendingBeforeDataset.has(pending.localRevision));

    dropped.forEach(pending => this.#settle(pending));
    this.emit('reset', { userName, dropped: dropped.map(pending => pending.localRevision) });
  }

  #failed(command, message) {
    this.emit('error', { command, message });

    const tooSoon = TRY_AGAIN.exec(message);

    if (tooSoon) {
      this.#notBefore = this.#timers.now() + Number(tooSoon[1]) * 1000;
    }

    if (command === 'login' || command === 'dataset') {
      if (this.#loadedOnThisSocket || tooSoon) {
        this.#lost(message);
      } else {
        // Refused at the door: asking again with the same name would be refused again.
        this.disconnect(message);
      }
    } else if (command === 'project_change' && tooSoon) {
      // The server closes now; what waits is sent again on the next connection.
      this.#lost(message);
    } else if (command === 'project_change') {
      this.#refused = true;
      this.#clock('refusal', REFUSAL_DATASET_WAIT_MS, () => this.requestDataset());
    }
  }

  #flush() {
    if (this.state !== 'online' || this.#datasetsAsked > 0 || this.#refused) {
      return;
    }

    const waiting = this.#pending.filter(pending => !pending.sent);

    while (waiting.length > 0) {
      const batch = [];
      let characters = 0;

      do {
        const pending = waiting.shift();

        batch.push(pending);
        characters += pending.characters;
      } while (
        waiting.length > 0 &&
        batch.length < MESSAGE_REVISIONS_MAX &&
        characters + waiting[0].characters <= MESSAGE_CHARACTERS_MAX
      );

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
      this.#clear('answers');
    } else if (restart || !this.#clocks.has('answers')) {
      this.#clock('answers', ACKNOWLEDGE_TIMEOUT_MS, () => this.#lost('the server did not confirm a change'));
    }
  }

  #settle(pending) {
    this.#pending = this.#pending.filter(candidate => candidate !== pending);
    this.#pendingBeforeDataset.delete(pending.localRevision);
    this.#pendingCharacters -= pending.characters;
    this.#watchAnswers(true);
    this.emit('pending', { count: this.#pending.length });
  }

  #send(command, data) {
    const socket = this.#socket;

    if (!socket || socket.readyState !== 1) {
      return false;
    }

    socket.send(JSON.stringify({ command, data }));
    return true;
  }

  /** The connection is of no use any more: tries again after a random wait. */
  #lost(reason) {
    this.#abandon();

    if (!this.#wanted) {
      this.#setState('offline', { reason });
      return;
    }

    const ceiling = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** Math.min(this.#failures++, 16));
    // Without a network only the browser's `online` event helps; the long wait serves machines that talk to themselves.
    const pause = this.#environment?.navigator?.onLine === false ? RETRY_MAX_MS : Math.round(this.#random() * ceiling);
    const delay = Math.max(pause, this.#notBefore - this.#timers.now());

    this.#setState('offline', { reason, retryInMs: delay });
    this.#clock('retry', delay, () => this.#open());
  }

  #abandon() {
    const socket = this.#socket;

    this.#attempt++;
    this.#socket = null;
    this.#datasetsAsked = 0;
    this.#refused = false;
    [...this.#clocks.keys()].forEach(name => this.#clear(name));
    this.#pending.forEach(pending => (pending.sent = false));

    if (this.users.length > 0) {
      this.users = [];
      this.emit('users', { users: this.users });
    }

    try {
      socket?.close();
    } catch {
      // A socket that cannot be closed is closed.
    }
  }

  /** Asks an old connection for a sign of life; a laptop that slept still believes in its socket. */
  #probe() {
    if (this.#send('version', {})) {
      this.#clock('probe', PROBE_TIMEOUT_MS, () => this.#lost('the connection was dead'));
    }
  }

  #listen() {
    const { addEventListener, removeEventListener, document } = this.#environment ?? {};

    this.#stopListening();

    if (!addEventListener) {
      return;
    }

    const online = () => (this.#socket === null ? this.#retryNow() : this.#probe());
    const offline = () => this.#wanted && this.#socket !== null && this.#lost('no network');
    const visible = () => {
      if (document.visibilityState === 'hidden') {
        this.#hiddenSince = this.#timers.now();
        return;
      }

      if (this.#socket === null) {
        this.#retryNow();
      } else if (this.#hiddenSince !== null && this.#timers.now() - this.#hiddenSince > PROBE_AFTER_HIDDEN_MS) {
        this.#probe();
      }
      this.#hiddenSince = null;
    };

    addEventListener.call(this.#environment, 'online', online);
    addEventListener.call(this.#environment, 'offline', offline);
    document?.addEventListener('visibilitychange', visible);
    this.#stopListening = () => {
      removeEventListener.call(this.#environment, 'online', online);
      removeEventListener.call(this.#environment, 'offline', offline);
      document?.removeEventListener('visibilitychange', visible);
      this.#stopListening = () => {};
    };
  }

  #retryNow() {
    if (this.#wanted && this.#socket === null && this.#clocks.has('retry')) {
      this.#open();
    }
  }

  #setState(state, detail = {}) {
    if (this.state !== state || detail.retryInMs !== undefined) {
      this.state = state;
      this.emit('state', { state, ...detail });
    }
  }

  #clock(name, delay, callback) {
    this.#clear(name);
    this.#clocks.set(
      name,
      this.#timers.setTimeout(() => {
        this.#clocks.delete(name);
        callback();
      }, delay)
    );
  }

  #clear(name) {
    if (this.#clocks.has(name)) {
      this.#timers.clearTimeout(this.#clocks.get(name));
      this.#clocks.delete(name);
    }
  }
}
