import { Clocks } from '../clocks.js';
import { ACKNOWLEDGE_TIMEOUT_MS, REFUSAL_DATASET_WAIT_MS, isLastingRefusal } from '../connection-policy.js';
import { Connection } from './connection.js';
import { LibraryPage } from './library-page.js';
import { RevisionExchange, hasInput } from './revision-exchange.js';

/** Refusals of a change that say nothing about the change: it goes out again once the page is let in. */
const NOT_LET_IN = /^(Authentication required|Subscription to project is required)/;

/**
 * What one project of the page says to the server and hears from it. The mixin gives it the library's calls and events;
 * the socket, the queue and the order of things are here, since the library's classes run their configuration before a
 * subclass has fields of its own.
 */
export class ProjectSession {
  #project;
  #connection;
  #page;
  #clocks;
  #exchange = new RevisionExchange();
  /** The last login, for the next connection. @type {{ login: string, password?: string } | null} */
  #credentials = null;
  /** The login that this connection was opened with or that was sent on it. */
  #sentLogin = null;
  #serverClient = undefined;
  #awaited = 0;
  #subscribed = false;
  #refused = false;
  #postponed = false;
  #datasetRefused = false;
  #healing = false;
  #destroyed = false;
  #acknowledged = 0;
  /** @type {((loaded: boolean) => void)[]} */
  #waiting = [];
  #load = null;

  readOnly = false;

  /** @param {any} project @param {object} platform timers, random, environment */
  constructor(project, platform) {
    this.#project = project;
    this.#page = new LibraryPage(project);
    this.#clocks = new Clocks(platform.timers);
    this.#connection = new Connection(
      {
        opened: () => this.#opened(),
        closed: detail => this.#closed(detail),
        message: message => this.#received(message),
        failed: error => this.#project.trigger('wsError', { error }),
        state: detail => this.#stateChanged(detail),
        unsaved: () => this.#project.wsConfirmLeave && this.unanswered > 0,
        reconnects: () => this.#project.wsReconnect
      },
      platform
    );
  }

  get state() {
    return this.#connection.state;
  }

  get manager() {
    return this.#connection.manager;
  }

  /** Revisions that the server has not answered, queued ones included. */
  get unanswered() {
    return this.#exchange.count;
  }

  get revision() {
    return this.#exchange.revision;
  }

  useManager(manager) {
    this.#credentials = null;
    this.#connection.use(manager);

    if (manager) {
      this.open();
    }
  }

  open() {
    return this.#connection.open();
  }

  close() {
    this.#connection.close();
  }

  destroy() {
    this.#reportLost('closed', 'The project was closed before these edits were sent.', this.#exchange.clear());
    this.#destroyed = true;
    this.#page.close();
    this.#clocks.clearAll();
    this.#settleLoads(false);
    this.#connection.destroy();
  }

  /** The page shows another project from now on, or none. */
  changeProject() {
    const hadEdits = this.#exchange.count > 0;

    this.#flush();
    this.#reportLost('closed', 'The project was closed before these edits were sent.', this.#exchange.clear());

    if (hadEdits) {
      this.#countChanged();
    }

    const exchange = new RevisionExchange();

    exchange.own(this.#serverClient);
    this.#exchange = exchange;
    this.#subscribed = this.#refused = this.#postponed = this.#datasetRefused = this.#healing = false;
    this.#awaited = 0;
    this.#clocks.clearAll();
    this.#settleLoads(false);
    this.#setReadOnly(false);
  }

  /** @returns {Promise<boolean>} whether the message went out */
  async send(command, data, silent) {
    if (command === 'login') {
      this.#credentials = data;
    }

    if (command === 'logout') {
      this.#credentials = null;
      this.#connection.leave();

      if (!this.#connection.isOpened) {
        this.#connection.close('logged out');
        return false;
      }
    } else if (!(await this.open()) || this.#destroyed) {
      return false;
    }

    if (command === 'login' && this.#sentLogin === data) {
      return true;
    }
    return this.#send(command, data, silent);
  }

  /** Loads the project. Calls made meanwhile share one answer. @returns {Promise<boolean>} */
  load() {
    this.#datasetRefused = false;
    this.#load ??= this.#loadNow().finally(() => (this.#load = null));
    return this.#load;
  }

  /** A revision that the library recorded. */
  record(revision) {
    const project = this.#project;

    if (project.wsProjectId === null || project.wsProjectId === undefined) {
      return;
    }

    if (this.readOnly) {
      this.#recordWithoutRights(revision);
      return;
    }

    if (this.#page.isLoading && this.#loadingReason === 'unasked') {
      this.#reportLost(...LOSS.unasked, [{ ...revision, localRevision: revision.localRevisionId }]);
      return;
    }

    const refusal = this.#exchange.add(revision, !this.#page.isLoading);

    if (refusal) {
      const message =
        refusal === 'too-large' ? 'The edit is too large to be sent.' : 'Too many edits wait for the server.';

      this.#reportLost(refusal, message, [{ ...revision, localRevision: revision.localRevisionId }]);
      this.#needDataset();
      return;
    }

    this.#countChanged();

    if (project.isAutoSyncSuspended) {
      project.trigger('revisionQueued', { length: this.#exchange.unsent.length });
    } else {
      this.#flush();
    }
  }

  /** Auto-sync was switched on: what was held back goes out. */
  resume() {
    const queued = this.#exchange.unsent.length;

    if (this.#postponed) {
      this.#postponed = false;
      this.#requestDataset();
    } else {
      this.#flush();
    }

    if (queued > 0) {
      this.#project.trigger('revisionQueueClear');
    }
  }

  async #loadNow() {
    const project = this.#project;

    if (project.wsProjectId === null || project.wsProjectId === undefined) {
      return false;
    }

    const loaded = new Promise(resolve => this.#waiting.push(resolve));

    this.#clocks.set('load', project.wsConnectionTimeout, () => this.#settleLoads(false));

    if ((await this.open()) && this.#awaited === 0 && !this.#destroyed) {
      this.#requestDataset();
    }

    if (!(await loaded) || this.#destroyed) {
      return false;
    }

    await project.commitAsync();
    project.trigger('wsLoad');
    return true;
  }

  #settleLoads(loaded) {
    this.#clocks.clear('load');
    this.#waiting.splice(0).forEach(resolve => resolve(loaded));
  }

  #opened() {
    this.#awaited = 0;
    this.#subscribed = this.#refused = false;
    this.#sentLogin = null;
    this.#project.trigger('wsOpen');
    this.#logIn();

    if (this.#sentLogin) {
      this.#loadIfDue();
    }
  }

  /** The server answers in order, so there is nothing to wait for between login and dataset. */
  #logIn() {
    const { wsUserName, wsPassword } = this.#project;
    const credentials = this.#credentials ?? (wsUserName ? { login: wsUserName, password: wsPassword ?? '' } : null);

    if (credentials) {
      this.#send('login', credentials);
    }
  }

  #loadIfDue() {
    const { wsProjectId, wsAutoLoad } = this.#project;
    const due = wsProjectId !== null && wsProjectId !== undefined && (wsAutoLoad || this.#exchange.hasLoaded);

    if (due && !this.#subscribed && this.#awaited === 0 && !this.#datasetRefused) {
      if (this.#mayReload()) {
        this.#requestDataset();
        this.load();
      } else {
        this.#postponed = true;
      }
    }
  }

  #closed({ reason, event }) {
    this.#subscribed = false;
    this.#awaited = 0;
    this.#refused = false;
    this.#exchange.disconnected();
    this.#clocks.clear('answers');
    this.#clocks.clear('dataset');
    this.#clocks.clear('refusal');
    this.#project.trigger('wsClose', { event, reason });
  }

  #stateChanged(detail) {
    this.#project.trigger('wsStateChange', detail);

    if (detail.state === 'offline' && detail.retryInMs === undefined) {
      this.#settleLoads(false);
    }
  }

  #send(command, data, silent = false) {
    if (command === 'project_change') {
      data = { ...data, client: this.#project.clientId };
    }

    if (command === 'login') {
      // Under another name the server takes the project away from this connection.
      this.#subscribed &&= this.#sentLogin?.login === data.login;
      this.#sentLogin = data;
    }

    if (!this.#connection.send(command, data)) {
      return false;
    }

    if (command === 'dataset' && data.project === this.#project.wsProjectId) {
      this.#awaitDataset();
    }

    if (!silent) {
      this.#project.trigger('wsSendMessage', { command, data });
    }
    return true;
  }

  #awaitDataset() {
    this.#awaited++;
    this.#clocks.set('dataset', this.#project.wsConnectionTimeout, () =>
      this.#connection.drop('the server did not send the project')
    );
  }

  #requestDataset() {
    if (this.#awaited > 0) {
      return;
    }
    this.#send('dataset', { project: this.#project.wsProjectId });
  }

  /** A dataset would take edits that are held back out of sight; they go out first, when the user says so. */
  #mayReload() {
    return !(this.#project.isAutoSyncSuspended && this.#exchange.hasLoaded && this.#exchange.unsent.some(hasInput));
  }

  #needDataset() {
    if (this.#awaited > 0 || !this.#connection.isOpened) {
      return;
    }

    if (this.#mayReload()) {
      this.#requestDataset();
    } else {
      this.#postponed = true;
    }
  }

  #flush() {
    const project = this.#project;

    if (!this.#subscribed || this.#awaited > 0 || this.#refused || this.#postponed || project.isAutoSyncSuspended) {
      return;
    }

    for (const revisions of this.#exchange.takeMessages()) {
      this.#send('project_change', {
        project: project.wsProjectId,
        client: undefined,
        session: this.#exchange.session,
        datasetRevision: this.#exchange.datasetRevision ?? undefined,
        revisions
      });
      project.trigger('wsSendChanges', { revisions });
    }
    this.#watchAnswers(false);
  }

  /** The wait starts anew with every answer, so a long queue may take its time as long as it moves. */
  #watchAnswers(restart) {
    if (!this.#exchange.awaitsAnswer) {
      this.#clocks.clear('answers');
    } else if (restart || !this.#clocks.has('answers')) {
      this.#clocks.set('answers', ACKNOWLEDGE_TIMEOUT_MS, () =>
        this.#connection.drop('the server did not confirm a change')
      );
    }
  }

  #received(message) {
    this.#project.trigger('wsMessage', { data: message });

    if (this.#destroyed || message === null || typeof message !== 'object') {
      return;
    }

    const { command, data = {} } = message;

    if (command === 'error' || 'error' in message) {
      this.#failed(command, String(message.error ?? message.message ?? 'Unknown error'), data ?? {});
      return;
    }

    const ours = data.project === this.#project.wsProjectId;

    if (command === 'login') {
      this.#loggedIn(data);
    } else if (command === 'logout' && data.userName === undefined) {
      this.#credentials = null;
      this.#connection.close('logged out');
    } else if (command === 'projects') {
      this.#setRole(data.projects?.find(({ id }) => id === this.#project.wsProjectId)?.role);
    } else if (command === 'dataset' && ours) {
      this.#datasetReceived(data);
    } else if (command === 'project_change' && ours) {
      this.#changed(data.revisions ?? []);
    } else if (command === 'reset' && ours) {
      this.#wasReset();
    }
  }

  #loggedIn({ client }) {
    const project = this.#project;
    const isUnset = project.clientId === undefined || project.clientId === null;

    // An id that the application chose stays; one that came from an earlier connection gives way.
    if (client !== undefined && (isUnset || project.clientId === this.#serverClient)) {
      project.clientId = client;
    }

    this.#serverClient = client;
    this.#exchange.own(client);
    this.#connection.succeeded();
    this.#loadIfDue();
  }

  #datasetReceived(data) {
    const reason = this.#datasetReason();
    const queued = this.#exchange.unsent.length;
    const exchange = this.#exchange;
    const lost = exchange.load(data.revision, reason);

    this.#lastDatasetReason = this.#loadingReason = reason;
    this.#awaited = Math.max(0, this.#awaited - 1);
    this.#refused = this.#postponed = false;
    this.#subscribed = true;
    this.#clocks.clear('dataset');
    this.#clocks.clear('refusal');
    this.#setRole(data.role);

    this.#page.load(data.dataset ?? {}, () => this.#project.clientId).then(
      () => this.#loaded(exchange),
      error => this.#broke('The page cannot show this project. Load the page again.', error)
    );

    if (lost.length > 0) {
      this.#reportLost(...LOSS[reason], lost);
    }

    if (queued > 0 && exchange.unsent.length === 0) {
      this.#project.trigger('revisionQueueClear');
    }
    this.#countChanged();
    this.#flush();
    this.#watchAnswers(true);
  }

  /** Who may not edit loses what is left; else it counts whether the dataset was asked for. */
  #datasetReason() {
    if (this.readOnly) {
      return 'readOnly';
    }
    return this.#refused ? 'refused' : this.#awaited > 0 ? 'asked' : 'unasked';
  }

  /** How the last dataset was taken; a reset's own that came before the one asked for is told by the notice behind it. */
  #lastDatasetReason = null;
  /** The same for the dataset that the page loads: what was recorded before a reset is void like what was sent. */
  #loadingReason = null;

  #wasReset() {
    if (this.#lastDatasetReason === 'asked') {
      this.#awaitDataset();
    }
    this.#lastDatasetReason = null;
  }

  #loaded(exchange) {
    if (this.#destroyed || exchange !== this.#exchange) {
      return;
    }

    this.#project.trigger('wsReceiveDataset');
    this.#settleLoads(true);
  }

  #changed(revisions) {
    this.#lastDatasetReason = null;

    if (this.#awaited > 0) {
      // Whatever comes before an awaited dataset is part of it.
      this.#exchange.noteAnswers(revisions);
      return;
    }

    const { revisions: translated, inStep } = this.#exchange.receive(revisions, this.#project.clientId);

    if (translated.length > 0) {
      this.#apply(translated);
    }

    if (!inStep) {
      this.#needDataset();
    }
    this.#watchAnswers(true);
    this.#countChanged();
  }

  #apply(revisions) {
    const project = this.#project;
    const notify = {
      before: () => project.trigger('wsBeforeReceiveChanges'),
      after: () => project.trigger('wsReceiveChanges')
    };

    this.#page.apply(revisions, notify).then(
      () => (this.#healing = false),
      error => {
        if (this.#healing) {
          this.#broke('The page is out of step with the server. Load the page again.', error);
        } else {
          this.#healing = true;
          this.#needDataset();
        }
      }
    );
  }

  /** The library waits for an answer to what it recorded, so corrections of its own are answered here. */
  #recordWithoutRights(revision) {
    if (hasInput(revision)) {
      this.#reportLost('read-only', 'You may look at this project but not edit it.', [
        { ...revision, localRevision: revision.localRevisionId }
      ]);
      this.#needDataset();
      return;
    }

    if (!this.#page.isLoading) {
      this.#apply([
        {
          revisionId: `${this.#exchange.session}-${++this.#acknowledged}`,
          localRevisionId: revision.localRevisionId,
          conflictResolutionFor: revision.conflictResolutionFor,
          clientId: this.#project.clientId,
          changes: revision.changes
        }
      ]);
    }
  }

  #failed(command, message, data) {
    const lasting = isLastingRefusal(message);

    this.#project.wsToast(message);

    if (command === 'login') {
      this.#credentials = null;
      this.#datasetRefused = true;
      this.#settleLoads(false);
      this.#report('login-refused', message, { command });
    } else if (command === 'dataset') {
      this.#awaited = Math.max(0, this.#awaited - 1);
      this.#datasetRefused = lasting;
      this.#clocks.clear('dataset');
      this.#settleLoads(false);
      this.#report(lasting ? 'project-refused' : 'dataset-refused', message, { command });
    } else if (command === 'project_change' || command === 'error') {
      this.#changeFailed(command, message, data);
    } else {
      this.#report('server-error', message, { command });
    }
  }

  #changeFailed(command, message, data) {
    this.#report('server-error', message, { command });

    // A general error may answer anything that the page sent; what concerns a frame says so.
    if (command === 'error' && !message.startsWith('Message')) {
      return;
    }

    if ((data.project !== undefined && data.project !== this.#project.wsProjectId) || !this.#exchange.awaitsAnswer) {
      return;
    }

    if (NOT_LET_IN.test(message)) {
      this.#logIn();
      this.#requestDataset();
      return;
    }

    this.#refused = true;

    if (isLastingRefusal(message)) {
      this.#setReadOnly(true);
      this.#requestDataset();
    } else {
      this.#clocks.set('refusal', REFUSAL_DATASET_WAIT_MS, () => this.#requestDataset());
    }
  }

  #setRole(role) {
    if (typeof role === 'string') {
      this.#setReadOnly(role === 'viewer');
    }
  }

  #setReadOnly(readOnly) {
    if (this.readOnly !== readOnly) {
      this.readOnly = readOnly;
      this.#project.trigger('wsReadOnlyChange', { readOnly });
    }
  }

  #countChanged() {
    this.#project.trigger('wsPending', { count: this.#exchange.count });
  }

  #broke(message, error) {
    if (!this.#destroyed) {
      this.#report('page-broken', message, { cause: error });
    }
  }

  #reportLost(code, message, entries) {
    if (entries.length > 0) {
      const lost = entries.map(({ localRevision, changes }) => ({ localRevision, changes }));

      this.#report(code, message, { lost });
      this.#project.wsToast(message);
    }
  }

  #report(code, message, detail) {
    this.#project.trigger('error', { code, message, lost: [], ...detail });
  }
}

/** What is said of edits that a dataset voids, by how it came. */
const LOSS = {
  refused: ['change-refused', 'The server did not take your last edits.'],
  unasked: ['reset', 'Your last edits were made before the project was put back.'],
  readOnly: ['read-only', 'You may look at this project but not edit it.']
};
