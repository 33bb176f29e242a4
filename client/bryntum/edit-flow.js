import { ACKNOWLEDGE_TIMEOUT_MS, REFUSAL_DATASET_WAIT_MS, isLastingRefusal } from '../connection-policy.js';
import { LibraryPage } from './library-page.js';
import { RevisionExchange, hasInput } from './revision-exchange.js';

/** Refusals of a change that say nothing about the change: it goes out again once the page is let in. */
const NOT_LET_IN = /^(Authentication required|Subscription to project is required)/;

/** Carries edits from the library to the server and back, for one project at a time. */
export class EditFlow {
  #project;
  #clocks;
  #requests;
  #reports;
  #handlers;
  #page;
  #exchange = new RevisionExchange();
  #client = undefined;
  #subscribed = false;
  /** A change was refused, and the dataset that puts the page back is not here yet. */
  #refused = false;
  /** A dataset is needed but would take edits out of sight that the user holds back. */
  #postponed = false;
  #healing = false;
  /** How the dataset that the page loads came. */
  #loading = 'asked';
  #acknowledged = 0;

  readOnly = false;

  /**
   * @param {any} project
   * @param {import('../clocks.js').Clocks} clocks
   * @param {import('./dataset-requests.js').DatasetRequests} requests
   * @param {import('./reports.js').Reports} reports
   * @param {{ send: (command: string, data: object) => boolean, drop: (reason: string) => void, logIn: () => void }} handlers
   */
  constructor(project, clocks, requests, reports, handlers) {
    this.#project = project;
    this.#clocks = clocks;
    this.#requests = requests;
    this.#reports = reports;
    this.#handlers = handlers;
    this.#page = new LibraryPage(project);
  }

  /** Revisions that the server has not answered, held back ones included. */
  get count() {
    return this.#exchange.count;
  }

  get revision() {
    return this.#exchange.revision;
  }

  get hasLoaded() {
    return this.#exchange.hasLoaded;
  }

  get isSubscribed() {
    return this.#subscribed;
  }

  /** @param {unknown} client the id that the server gave to the connection */
  own(client) {
    this.#client = client;
    this.#exchange.own(client);
  }

  /** The server took the project away from this connection, or the connection is gone. */
  unsubscribe() {
    this.#subscribed = false;
  }

  disconnect() {
    this.#subscribed = this.#refused = false;
    this.#exchange.disconnected();
    this.#clocks.clear('answers');
    this.#clocks.clear('refusal');
  }

  /** The page shows another project from now on, or none. */
  changeProject() {
    this.flush();
    this.#giveUp();
    this.#exchange = new RevisionExchange();
    this.#exchange.own(this.#client);
    this.#subscribed = this.#refused = this.#postponed = this.#healing = false;
    this.setReadOnly(false);
  }

  destroy() {
    this.#giveUp();
    this.#page.close();
  }

  /** A revision that the library recorded. */
  record(revision) {
    const entry = { ...revision, localRevision: revision.localRevisionId };

    if (this.readOnly) {
      this.#recordWithoutRights(entry);
    } else if (this.#page.isLoading && this.#loading === 'unasked') {
      // Made before a reset, like what was sent before it.
      this.#reports.loss('unasked', [entry]);
    } else {
      this.#take(entry);
    }
  }

  /** Auto-sync was switched on: what was held back goes out. */
  resume() {
    const queued = this.#exchange.unsent.length;

    if (this.#postponed) {
      this.#postponed = false;
      this.#requests.request();
    } else {
      this.flush();
    }

    if (queued > 0) {
      this.#project.trigger('revisionQueueClear');
    }
  }

  /** Asks for the dataset, now or when it takes nothing out of sight. @returns {boolean} whether it was asked for now */
  reload() {
    const { isAutoSyncSuspended } = this.#project;

    this.#postponed = isAutoSyncSuspended && this.#exchange.hasLoaded && this.#exchange.unsent.some(hasInput);

    if (!this.#postponed) {
      this.#requests.request();
    }
    return !this.#postponed;
  }

  flush() {
    const project = this.#project;
    const waits = this.#requests.isAwaiting || this.#refused || this.#postponed || project.isAutoSyncSuspended;

    if (!this.#subscribed || waits) {
      return;
    }

    for (const revisions of this.#exchange.takeMessages()) {
      this.#handlers.send('project_change', {
        project: project.wsProjectId,
        session: this.#exchange.session,
        datasetRevision: this.#exchange.datasetRevision ?? undefined,
        revisions
      });
      project.trigger('wsSendChanges', { revisions });
    }
    this.#watchAnswers(false);
  }

  /** @returns {Promise<boolean>} whether the page shows it */
  async loadDataset({ dataset, revision, role }) {
    const exchange = this.#exchange;
    const queued = exchange.unsent.length;
    const asked = this.#requests.received();

    this.setRole(role);
    this.#loading = this.readOnly ? 'readOnly' : this.#refused ? 'refused' : asked ? 'asked' : 'unasked';

    const lost = exchange.load(revision, this.#loading);

    this.#refused = this.#postponed = false;
    this.#subscribed = true;
    this.#clocks.clear('refusal');

    const shown = this.#page.load(dataset ?? {}, () => this.#project.clientId);

    this.#reports.loss(this.#loading, lost);

    if (queued > 0 && exchange.unsent.length === 0) {
      this.#project.trigger('revisionQueueClear');
    }
    this.#countChanged();
    this.flush();
    this.#watchAnswers(true);

    try {
      return (await shown) && exchange === this.#exchange;
    } catch (error) {
      this.#reports.failure('page-broken', 'The page cannot show this project. Load the page again.', { cause: error });
      return false;
    }
  }

  receive(revisions) {
    this.#requests.passed();

    if (this.#requests.isAwaiting) {
      // Whatever comes before an awaited dataset is part of it.
      this.#exchange.noteAnswers(revisions);
      return;
    }

    const { revisions: translated, inStep } = this.#exchange.receive(revisions, this.#project.clientId);

    if (translated.length > 0) {
      this.#apply(translated);
    }

    if (!inStep) {
      this.reload();
    }
    this.#watchAnswers(true);
    this.#countChanged();
  }

  /** The server did not take a change, or a frame that it could not read. */
  refuse(message, project) {
    const concernsUs = project === undefined || project === this.#project.wsProjectId;

    if (!concernsUs || !this.#exchange.awaitsAnswer) {
      return;
    }

    if (NOT_LET_IN.test(message)) {
      this.#handlers.logIn();
      this.#requests.request();
      return;
    }

    this.#refused = true;

    if (isLastingRefusal(message)) {
      this.setReadOnly(true);
      this.#requests.request();
    } else {
      this.#clocks.set('refusal', REFUSAL_DATASET_WAIT_MS, () => this.#requests.request());
    }
  }

  /** @param {unknown} role as a server states it that knows roles */
  setRole(role) {
    if (typeof role === 'string') {
      this.setReadOnly(role === 'viewer');
    }
  }

  setReadOnly(readOnly) {
    if (this.readOnly !== readOnly) {
      this.readOnly = readOnly;
      this.#project.trigger('wsReadOnlyChange', { readOnly });
    }
  }

  #take(entry) {
    const refusal = this.#exchange.add(entry, !this.#page.isLoading);

    if (refusal) {
      this.#reports.loss(refusal, [entry]);
      this.reload();
      return;
    }

    this.#countChanged();

    if (this.#project.isAutoSyncSuspended) {
      this.#project.trigger('revisionQueued', { length: this.#exchange.unsent.length });
    } else {
      this.flush();
    }
  }

  /** The library waits for an answer to whatever it recorded, so its own corrections are answered here. */
  #recordWithoutRights(entry) {
    if (hasInput(entry)) {
      this.#reports.loss('readOnly', [entry]);
      this.reload();
    } else if (!this.#page.isLoading) {
      this.#apply([
        {
          revisionId: `${this.#exchange.session}-${++this.#acknowledged}`,
          localRevisionId: entry.localRevision,
          conflictResolutionFor: entry.conflictResolutionFor,
          clientId: this.#project.clientId,
          changes: entry.changes
        }
      ]);
    }
  }

  async #apply(revisions) {
    const project = this.#project;

    try {
      await this.#page.apply(revisions, {
        before: () => project.trigger('wsBeforeReceiveChanges'),
        after: () => project.trigger('wsReceiveChanges')
      });
      this.#healing = false;
    } catch (error) {
      if (this.#healing) {
        this.#reports.failure('page-broken', 'The page is out of step. Load the page again.', { cause: error });
      } else {
        this.#healing = true;
        this.reload();
      }
    }
  }

  /** The wait starts anew with every answer, so a long queue may take its time as long as it moves. */
  #watchAnswers(restart) {
    if (!this.#exchange.awaitsAnswer) {
      this.#clocks.clear('answers');
    } else if (restart || !this.#clocks.has('answers')) {
      this.#clocks.set('answers', ACKNOWLEDGE_TIMEOUT_MS, () =>
        this.#handlers.drop('the server did not confirm a change')
      );
    }
  }

  #giveUp() {
    if (this.#exchange.count > 0) {
      this.#reports.loss('closed', this.#exchange.clear());
      this.#countChanged();
    }
  }

  #countChanged() {
    this.#project.trigger('wsPending', { count: this.#exchange.count });
  }
}
