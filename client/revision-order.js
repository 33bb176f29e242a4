/** Ids remembered to detect repetitions, for servers whose revision ids are not numbers. */
const OPAQUE_IDS_MAX = 2_000;

/** Follows the revision numbers of a project and detects repetitions and gaps. */
export class RevisionOrder {
  #opaqueIds = new Set();

  /**
   * The last revision taken; null before the first dataset, or when the server does not number. @type {number | null}
   */
  revision = null;

  /** @param {unknown} revision of the dataset */
  start(revision) {
    this.revision = typeof revision === 'number' ? revision : null;
    this.#opaqueIds.clear();
  }

  /**
   * Takes the number of a revision when it is the next one.
   * @param {number | string} revision
   * @returns {'next' | 'known' | 'gap'}
   */
  take(revision) {
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
}
