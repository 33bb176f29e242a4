import { uuid } from '../change-set.js';
import { PENDING_CHARACTERS_MAX, PENDING_MAX, fitsInMessage, takeMessage } from '../connection-policy.js';
import { RevisionOrder } from '../revision-order.js';

/**
 * @typedef {object} Entry a revision of this page that the server has not acknowledged
 * @property {string} localRevision
 * @property {string | number | undefined} clientId as stated by the library
 * @property {string | number | undefined} conflictResolutionFor
 * @property {Record<string, any>} changes
 * @property {number} characters
 * @property {boolean} live whether the library still treats it as uncommitted
 * @property {boolean} sent on the current connection
 * @property {boolean} held until it is stored
 * @property {number | null} answeredAt its number, when the answer arrived while a dataset was awaited
 *
 * @typedef {{ revisionId: any, localRevisionId?: any, conflictResolutionFor?: any, clientId: any, changes: object }} LibraryRevision
 */

/** Whether a revision contains a user's edit. The library's own corrections have no input. */
export function hasInput({ changes, conflictResolutionFor }) {
  return !conflictResolutionFor && Object.values(changes).some(part => part?.$input && Object.keys(part.$input).length > 0);
}

/**
 * The revisions of one page and one project on their way to the server and back. It knows which of its own revisions
 * the library still waits for: only those are returned to it as its own, in the order in which they were made. All
 * others are passed on as revisions of another client.
 */
export class RevisionExchange {
  #order = new RevisionOrder();
  /** @type {Entry[]} */
  #entries = [];
  #characters = 0;
  /** Client ids under which this page has sent: an answer may carry the id of an earlier connection. */
  #ownClients = new Set();
  #loaded = false;
  /** Local revisions completed since the last {@link takeCompleted}. */
  #completed = [];

  /**
   * Identifies this page and project to the server. New for every page, because the library's numbering restarts too.
   */
  session = uuid();
  /** The revision of the dataset that the page is based on. @type {number | null} */
  datasetRevision = null;

  get revision() {
    return this.#order.revision;
  }

  get count() {
    return this.#entries.length;
  }

  get unsent() {
    return this.#entries.filter(entry => !entry.sent);
  }

  get awaitsAnswer() {
    return this.#entries.some(entry => entry.sent);
  }

  get hasLoaded() {
    return this.#loaded;
  }

  /** @param {unknown} client an id that the server assigned to a connection of this page */
  own(client) {
    this.#ownClients.add(client);
  }

  /**
   * Adds a revision that the library made.
   * @param {{ localRevisionId: string, conflictResolutionFor?: any, clientId?: any, changes: Record<string, any> }} revision
   * @param {boolean} live
   * @param {boolean} [held] not to be sent before {@link release}
   * @returns {'queue-full' | 'too-large' | null} why it was refused
   */
  add({ localRevisionId, conflictResolutionFor, clientId, changes }, live, held = false) {
    const json = JSON.stringify(changes);

    if (!fitsInMessage(json)) {
      return 'too-large';
    }

    if (this.#entries.length >= PENDING_MAX || this.#characters + json.length > PENDING_CHARACTERS_MAX) {
      return 'queue-full';
    }

    this.#ownClients.add(clientId);
    this.#characters += json.length;
    this.#entries.push({
      localRevision: localRevisionId,
      clientId,
      conflictResolutionFor,
      changes,
      characters: json.length,
      live,
      sent: false,
      held,
      answeredAt: null
    });
    return null;
  }

  /** @param {string} localRevision that is stored */
  release(localRevision) {
    const entry = this.#entries.find(candidate => candidate.localRevision === localRevision);

    if (entry) {
      entry.held = false;
    }
  }

  /** @returns {string[]} local revisions that were acknowledged or discarded since the last call */
  takeCompleted() {
    return this.#completed.splice(0);
  }

  /** The client ids that an answer to this page may carry. */
  get clients() {
    return [...this.#ownClients];
  }

  /** The revisions of the next messages, marked as sent, in the order in which they were made. @returns {object[][]} */
  takeMessages() {
    const unsent = this.unsent;
    const held = unsent.findIndex(entry => entry.held);
    const waiting = held < 0 ? unsent : unsent.slice(0, held);
    const messages = [];

    while (waiting.length > 0) {
      const batch = takeMessage(waiting);

      batch.forEach(entry => (entry.sent = true));
      messages.push(
        batch.map(({ localRevision, clientId, conflictResolutionFor, changes }) => ({
          revision: localRevision,
          clientId,
          ...(conflictResolutionFor ? { conflictResolutionFor } : {}),
          changes
        }))
      );
    }
    return messages;
  }

  /** The connection is lost together with everything in flight: all revisions are sent again. */
  disconnected() {
    this.#entries.forEach(entry => (entry.sent = false));
  }

  /**
   * A dataset arrived: the library will discard its uncommitted revisions.
   * @param {unknown} revision
   * @param {'asked' | 'refused' | 'unasked' | 'readOnly'} reason `asked`: waiting revisions are sent again on top of
   * it; `refused`: sent revisions are void; `unasked` (a reset or a restore) and `readOnly`: all are void
   * @returns {Entry[]} the user's edits that are lost
   */
  load(revision, reason) {
    this.#order.start(revision);
    this.datasetRevision = this.revision;
    this.#loaded = true;

    const isAnswered = entry => entry.answeredAt !== null && entry.answeredAt <= (this.revision ?? Infinity);
    const isKept = entry =>
      // A correction was computed from the replaced state; the library makes new ones when needed.
      (hasInput(entry) || Boolean(entry.conflictResolutionFor)) &&
      (reason === 'asked' || (reason === 'refused' && !entry.sent));
    const open = this.#entries.filter(entry => !isAnswered(entry));
    const kept = open.filter(isKept);

    this.#replace(kept.map(entry => Object.assign(entry, { live: false, sent: false, answeredAt: null })));
    return open.filter(entry => !kept.includes(entry) && hasInput(entry));
  }

  /** Discards everything. @returns {Entry[]} the user's edits that are lost, except those in flight */
  clear() {
    const lost = this.#entries.filter(entry => !entry.sent && hasInput(entry));

    this.#replace([]);
    return lost;
  }

  /**
   * Records answers that arrive while a dataset is awaited that will include their revisions.
   * @param {any[]} revisions
   */
  noteAnswers(revisions) {
    for (const revision of revisions) {
      const entry = this.#answeredBy(revision);

      if (entry) {
        entry.answeredAt = typeof revision.revision === 'number' ? revision.revision : -1;
      }
    }
  }

  /**
   * Translates revisions for the library.
   * @param {any[]} revisions as sent by the server
   * @param {unknown} clientId the library's own
   * @returns {{ revisions: LibraryRevision[], inStep: boolean }} `inStep` is false when a revision is missing
   */
  receive(revisions, clientId) {
    const translated = [];

    for (const [index, revision] of revisions.entries()) {
      const order = this.#order.take(revision.revision);
      const entry = this.#answeredBy(revision);

      // The library commits its own revisions oldest first, and recognises a number that it has seen.
      if (order === 'gap' || (entry?.live && (order === 'known' || entry !== this.#entries.find(({ live }) => live)))) {
        this.noteAnswers(revisions.slice(index));
        return { revisions: translated, inStep: false };
      }

      if (entry) {
        this.#replace(this.#entries.filter(candidate => candidate !== entry));
      }

      if (order === 'next') {
        translated.push(this.#translate(revision, entry, clientId));
      }
    }
    return { revisions: translated, inStep: true };
  }

  #translate({ revision, localRevision, conflictResolutionFor, client, changes }, entry, clientId) {
    const own = entry?.live === true;
    const seemsOwn = client === clientId || client === undefined || client === null;

    return {
      revisionId: revision,
      localRevisionId: localRevision,
      // The library's history does not contain the conflict that a revision of an earlier dataset resolved.
      conflictResolutionFor: entry && !own ? undefined : conflictResolutionFor,
      clientId: own ? clientId : seemsOwn ? `not-${this.session}` : client,
      changes: changes ?? {}
    };
  }

  /** The server's copy has no client id when its author stated none. */
  #answeredBy({ client, localRevision }) {
    return this.#ownClients.has(client ?? undefined)
      ? this.#entries.find(entry => entry.localRevision === localRevision)
      : undefined;
  }

  #replace(entries) {
    const kept = new Set(entries);

    this.#completed.push(...this.#entries.filter(entry => !kept.has(entry)).map(({ localRevision }) => localRevision));
    this.#entries = entries;
    this.#characters = entries.reduce((sum, { characters }) => sum + characters, 0);
  }
}
