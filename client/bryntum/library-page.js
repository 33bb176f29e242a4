/**
 * The page's project, as the network side sees it. Performs one step at a time: a dataset would break a project that is
 * still applying revisions, and would erase revisions that overtake it.
 */
export class LibraryPage {
  #project;
  #steps = Promise.resolve();
  #loads = 0;
  #closed = false;

  /** @param {any} project a ProjectModel with `stm.revisionsEnabled` */
  constructor(project) {
    this.#project = project;
  }

  /** Whether a dataset is waiting or loading: the library discards whatever it records until then. */
  get isLoading() {
    return this.#loads > 0;
  }

  close() {
    this.#closed = true;
  }

  /**
   * @param {object} dataset
   * @param {() => unknown} clientId read when revision tracking restarts
   * @returns {Promise<boolean>} whether it loaded before the page was closed; rejects when the library refuses it
   */
  load(dataset, clientId) {
    this.#loads++;

    return this.#next(() =>
      this.#project.queue(async () => {
        const project = this.#project;

        await this.#finishRecording();
        project.stm.disable();
        project.stm.resetQueue();

        try {
          await project.loadInlineData(dataset);
        } finally {
          project.stm.enable();
          project.initRevisions(clientId(), 'base');
          this.#loads--;
        }
        return !this.#closed;
      })
    );
  }

  /**
   * @param {import('./revision-exchange.js').LibraryRevision[]} revisions
   * @param {{ before: () => void, after: () => void }} notify
   */
  apply(revisions, { before, after }) {
    return this.#next(async () => {
      before();
      await this.#project.applyRevisions(revisions);

      if (!this.#closed) {
        after();
      }
    });
  }

  /**
   * The library records an edit about 100 ms after it was made. Wait, so that an edit being recorded is not lost
   * silently.
   */
  async #finishRecording() {
    const { stm } = this.#project;

    try {
      await this.#project.commitAsync();

      if (stm.isRecording) {
        stm.stopTransaction();
      }
    } catch {
      // A page that can no longer calculate may recover with the dataset.
    }
  }

  #next(step) {
    const done = this.#steps.then(() => (this.#closed ? false : step()));

    // The next step follows whether or not this one succeeds.
    this.#steps = done.catch(() => {});
    return done;
  }
}
