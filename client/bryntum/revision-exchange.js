import { uuid } from '../change-set.js';
import { PENDING_CHARACTERS_MAX, PENDING_MAX, fitsInMessage, takeMessage } from '../connection-policy.js';
import { RevisionOrder } from '../revision-order.js';

/**
 * @typedef {object} Entry a revision of this page that the server has not answered
 * @property {string} localRevision
 * @property {string | number | undefined} clientId as the library stated it
 * @property {string | number | undefined} conflictResolutionFor
 * @property {Record<string, any>} changes
 * @property {number} characters
 * @property {boolean} live whether the library still holds it as uncommitted
 * @property {boolean} sent on the present connection
 * @property {boolean} held until it is stored
 * @property {number | null} answeredAt the number that it got while a dataset was awaited
 *
 * @typedef {{ revisionId: any, localRevisionId?: any, conflictResolutionFor?: any, clientId: any, changes: object }} LibraryRevision
 */

/** Whether a revision holds something that a user did. The library's own corrections have no input. */
export function hasInput({ changes, conflictResolutionFor }) {
  return !conflictResolutionFor && Object.values(changes).some(part => part?.$input && Object.keys(part.$input).length > 0);
}

/**
 * The revisions of one page and one project on their way to the server and back. It knows which of its own the library
 * still waits for: only those may come back to it as its own, in the order in which they were made. Everything else is
 * handed over as somebody else's revision.
 */
export class RevisionExchange {
  #order = new RevisionOrder();
  /** @type {Entry[]} */
  #entries = [];
  #characters = 0;
  /** Ids under which this page has sent: an answer may carry the id of an earlier connection. */
  #ownClients = new Set();
  #loaded = false;
  /** Local revisions that are done with since somebody asked. */
  #gone = [];

  /** Names this page and project towards the server. New with every page, since the library's numbers start anew too. */
  session = uuid();
  /** The revision of the dataset that the page works on. @type {number | null} */
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

  /** @param {unknown} client an id that the server gave to a connection of this page */
  own(client) {
    this.#ownClients.add(client);
  }

  /**
   * Takes a revision that the library made.
   * @param {{ localRevisionId: string, conflictResolutionFor?: any, clientId?: any, changes: Record<string, any> }} revision
   * @param {boolean} live
   * @param {boolean} [held] not to be sent before {@link release}
   * @returns {'queue-full' | 'too-large' | null} why it cannot be taken
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

  /** @returns {string[]} local revisions that were answered or given up since the last call */
  takeGone() {
    return this.#gone.splice(0);
  }

  /** Ids under which an answer to this page may come. */
  get clients() {
    return [...this.#ownClients];
  }

  /** The next messages' revisions, marked as sent; in the order in which they were made. @returns {object[][]} */
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

  /** The connection is gone, and with it what was on its way: everything goes out again. */
  disconnected() {
    this.#entries.forEach(entry => (entry.sent = false));
  }

  /**
   * A dataset arrived: the library will forget its uncommitted revisions.
   * @param {unknown} revision
   * @param {'asked' | 'refused' | 'unasked' | 'readOnly'} reason `asked`: what waits goes out again on top of it; `refused`: what was
   * sent is void; `unasked` (a reset or a restore) and `readOnly`: all is
   * @returns {Entry[]} edits of the user that are lost
   */
  load(revision, reason) {
    this.#order.start(revision);
    this.datasetRevision = this.revision;
    this.#loaded = true;

    const isAnswered = entry => entry.answeredAt !== null && entry.answeredAt <= (this.revision ?? Infinity);
    const isKept = entry =>
      // A correction was computed from what this dataset replaces; the library makes new ones if they are needed.
      (hasInput(entry) || Boolean(entry.conflictResolutionFor)) &&
      (reason === 'asked' || (reason === 'refused' && !entry.sent));
    const open = this.#entries.filter(entry => !isAnswered(entry));
    const kept = open.filter(isKept);

    this.#replace(kept.map(entry => Object.assign(entry, { live: false, sent: false, answeredAt: null })));
    return open.filter(entry => !kept.includes(entry) && hasInput(entry));
  }

  /** Gives up everything. @returns {Entry[]} edits of the user that are lost, those on their way not among them */
  clear() {
    const lost = this.#entries.filter(entry => !entry.sent && hasInput(entry));

    this.#replace([]);
    return lost;
  }

  /**
   * Notes answers while a dataset is awaited that will hold their revisions.
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
   * @param {any[]} revisions as the server sent them
   * @param {unknown} clientId the library's
   * @returns {{ revisions: LibraryRevision[], inStep: boolean }} `inStep` is false when something is missing
   */
  receive(revisions, clientId) {
    const translated = [];

    for (const [index, revision] of revisions.entries()) {
      const order = this.#order.take(revision.revision);
      const entry = this.#answeredBy(revision);

      // The library commits its own revisions oldest first, and knows a number that it has seen.
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
      // The conflict that a revision of an earlier dataset resolved is not in the library's history.
      conflictResolutionFor: entry && !own ? undefined : conflictResolutionFor,
      clientId: own ? clientId : seemsOwn ? `not-${this.session}` : client,
      changes: changes ?? {}
    };
  }

  /** A server sends the copy of an author that states no client id without one. */
  #answeredBy({ client, localRevision }) {
    return this.#ownClients.has(client ?? undefined)
      ? this.#entries.find(entry => entry.localRevision === localRevision)
      : undefined;
  }

  #replace(entries) {
    const kept = new Set(entries);

    this.#gone.push(...this.#entries.filter(entry => !kept.has(entry)).map(({ localRevision }) => localRevision));
    this.#entries = entries;
    this.#characters = entries.reduce((sum, { characters }) => sum + characters, 0);
  }
}
