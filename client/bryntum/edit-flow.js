import { ACKNOWLEDGE_TIMEOUT_MS, REFUSAL_DATASET_WAIT_MS, isLastingRefusal } from '../connection-policy.js';
import { serverOf } from '../offline-queue.js';
import { Persistence } from '../persistence.js';
import { LibraryPage } from './library-page.js';
import { RevisionExchange, hasInput } from './revision-exchange.js';

/** Refusals of a change that do not concern the change itself: it is sent again once the page is admitted. */
const NOT_LET_IN = /^(Authentication required|Subscription to project is required)/;

/** What a dataset that arrived in this way means for edits made before it. */
const VOIDS = { asked: null, unasked: 'reset', refused: 'refused', readOnly: 'readOnly' };

/** Carries edits between the library and the server, for one project at a time. */
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
  /** A change was refused, and the dataset that corrects the page has not arrived yet. */
  #refused = false;
  /** A dataset is needed, but would hide edits that the user holds back. */
  #postponed = false;
  #healing = false;
  #broken = false;
  /** How the dataset that the page is loading was triggered. */
  #loading = 'asked';
  #acknowledged = 0;
  #storage;
  #userName = '';
  /** The project's lineage as stated by the last dataset, from servers that state it. */
  #lineage = {};
  /** @type {Persistence | null} */
  #persistence = null;

  readOnly = false;

  /**
   * @param {any} project
   * @param {import('../clocks.js').Clocks} clocks
   * @param {import('./dataset-requests.js').DatasetRequests} requests
   * @param {import('./reports.js').Reports} reports
   * @param {{ send: (command: string, data: object) => boolean, drop: (reason: string) => void, logIn: () => void }} handlers
   * @param {{ indexedDB?: any, locks?: any, now?: () => number }} storage
   */
  constructor(project, clocks, requests, reports, handlers, storage) {
    this.#project = project;
    this.#clocks = clocks;
    this.#requests = requests;
    this.#reports = reports;
    this.#handlers = handlers;
    this.#storage = storage;
    this.#page = new LibraryPage(project);
  }

  /** Revisions that the server has not acknowledged, including those held back. */
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

  /** @param {{ client: unknown, userName: string }} login the server's answer */
  own({ client, userName }) {
    this.#client = client;
    this.#userName = userName;
    this.#exchange.own(client);
  }

  /** This connection no longer has the project: the server removed it, or the connection is lost. */
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

  /** Discards unacknowledged edits, here and in the browser's storage. */
  discard() {
    this.#exchange.clear();
    this.#forgetCompleted();
    this.#countChanged();
  }

  /** The library recorded a revision. */
  record(revision) {
    const entry = { ...revision, localRevision: revision.localRevisionId };

    if (this.readOnly) {
      this.#recordWithoutRights(entry);
    } else if (this.#page.isLoading && this.#loading === 'unasked') {
      // Made before a reset, like everything that was sent before it.
      this.#reports.loss('unasked', [entry]);
    } else {
      this.#take(entry);
    }
  }

  /** Auto-sync was switched on: sends the edits that were held back. */
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

  /** Requests the dataset, now or once that hides no edits. @returns {boolean} whether it was requested now */
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

  /** @returns {Promise<boolean>} whether the page shows the project */
  async loadDataset({ dataset, revision, role, epoch, resetRevision }) {
    const exchange = this.#exchange;
    const queued = exchange.unsent.length;
    const asked = this.#requests.received();

    this.setRole(role);
    this.#loading = this.readOnly ? 'readOnly' : this.#refused ? 'refused' : asked ? 'asked' : 'unasked';

    const lost = exchange.load(revision, this.#loading);

    this.#refused = this.#postponed = false;
    this.#subscribed = true;
    this.#lineage = { epoch, resetRevision };
    this.#clocks.clear('refusal');

    const shown = this.#page.load(dataset ?? {}, () => this.#project.clientId);

    this.#reports.loss(this.#loading, lost);

    if (queued > 0 && exchange.unsent.length === 0) {
      this.#project.trigger('revisionQueueClear');
    }
    this.#countChanged();
    this.flush();
    this.#watchAnswers(true);
    this.#ensurePersistence()?.loaded(VOIDS[this.#loading]);

    try {
      const isShown = await shown;

      this.#broken = false;
      return isShown && exchange === this.#exchange;
    } catch (error) {
      this.#breakDown('The page cannot show this project. Load the page again.', error);
      return false;
    }
  }

  receive(received) {
    const revisions = this.#persistence?.settle(received) ?? received;

    this.#requests.passed();

    if (this.#requests.isAwaiting) {
      // An awaited dataset includes all revisions that arrive before it.
      this.#exchange.noteAnswers(revisions);
      return;
    }

    const { revisions: translated, inStep } = this.#exchange.receive(revisions, this.#project.clientId);

    if (translated.length > 0) {
      this.#apply(translated, revisions);
    }

    if (!inStep) {
      this.reload();
    }
    this.#watchAnswers(true);
    this.#countChanged();
  }

  /** The server refused a change, or a frame that it could not read. */
  refuse(message, project) {
    const concernsUs = project === undefined || project === this.#project.wsProjectId;

    if (!concernsUs || !(this.#exchange.awaitsAnswer || this.#persistence?.isSending)) {
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

  /** @param {unknown} role as stated by servers that support roles */
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
    const persistence = this.#ensurePersistence();
    const exchange = this.#exchange;
    const refusal = exchange.add(entry, !this.#page.isLoading, persistence !== null);

    if (refusal) {
      this.#reports.loss(refusal, [entry]);
      this.reload();
      return;
    }

    this.#countChanged();

    if (this.#project.isAutoSyncSuspended) {
      this.#project.trigger('revisionQueued', { length: exchange.unsent.length });
    }

    if (persistence) {
      persistence.save({ ...storable(entry), clients: exchange.clients }).then(() => {
        exchange.release(entry.localRevision);
        this.flush();
      });
    } else {
      this.flush();
    }
  }

  #place() {
    const { wsProjectId, wsAddress } = this.#project;

    return {
      user: this.#userName,
      project: wsProjectId,
      server: serverOf(wsAddress),
      revision: this.#exchange.datasetRevision,
      ...this.#lineage
    };
  }

  #ensurePersistence() {
    if (this.#project.wsPersist && !this.#persistence) {
      const exchange = this.#exchange;

      this.#persistence = new Persistence(exchange.session, this.#storage, {
        place: () => this.#place(),
        offer: event => this.#project.trigger('wsStoredEdits', event),
        unavailable: reason =>
          this.#reports.failure(
            'not-persisted',
            `Edits are lost if this page is closed before they are sent: ${reason}.`
          ),
        canSend: () => this.#subscribed && !this.#requests.isAwaiting && exchange === this.#exchange,
        send: message => this.#handlers.send('project_change', message)
      });
    }
    return this.#persistence;
  }

  #forgetCompleted() {
    const completed = this.#exchange.takeCompleted();

    this.#persistence?.forget(completed);
  }

  /** The library waits for an answer to every recorded revision, so its own corrections are answered here. */
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

  /** `received` is for the application: it may hold more than the library accepts, such as the author. */
  async #apply(revisions, received = []) {
    const project = this.#project;
    const event = { revisions: received };

    try {
      await this.#page.apply(revisions, {
        before: () => project.trigger('wsBeforeReceiveChanges', { ...event }),
        after: () => project.trigger('wsReceiveChanges', { ...event })
      });
      this.#healing = false;
    } catch (error) {
      if (this.#healing) {
        this.#breakDown('The page is out of step. Load the page again.', error);
      } else {
        this.#healing = true;
        this.reload();
      }
    }
  }

  /** All later revisions fail too, so the failure is reported once. */
  #breakDown(message, cause) {
    if (!this.#broken) {
      this.#broken = true;
      this.#reports.failure('page-broken', message, { cause });
    }
  }

  /** The wait restarts with every answer, so a long queue may take its time while it makes progress. */
  #watchAnswers(restart) {
    if (!this.#exchange.awaitsAnswer) {
      this.#clocks.clear('answers');
    } else if (restart || !this.#clocks.has('answers')) {
      this.#clocks.set('answers', ACKNOWLEDGE_TIMEOUT_MS, () =>
        this.#handlers.drop('the server did not confirm a change')
      );
    }
  }

  /** Stored edits are not lost: the next page sends them. */
  #giveUp() {
    if (this.#exchange.count > 0 && !this.#persistence) {
      this.#reports.loss('closed', this.#exchange.clear());
      this.#countChanged();
    }
    this.#persistence?.close();
    this.#persistence = null;
  }

  #countChanged() {
    this.#forgetCompleted();
    this.#project.trigger('wsPending', { count: this.#exchange.count });
  }
}

function storable({ localRevision, clientId, conflictResolutionFor, changes }) {
  return { localRevision, clientId, conflictResolutionFor, changes };
}
