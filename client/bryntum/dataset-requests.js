/**
 * Tracks the datasets that the page requested, so that an unrequested one can be recognised: it follows a reset, a
 * restore, or a refused change.
 */
export class DatasetRequests {
  #project;
  #clocks;
  #handlers;
  #awaited = 0;
  /**
   * Whether the last message was a dataset that counted as the answer to a request. A reset notice after it tells
   * otherwise.
   */
  #tookForAnswer = false;
  /** @type {((loaded: boolean) => void)[]} */
  #waiting = [];

  /**
   * @param {any} project
   * @param {import('../clocks.js').Clocks} clocks
   * @param {{ send: (command: string, data: object) => boolean, drop: (reason: string) => void }} handlers
   */
  constructor(project, clocks, handlers) {
    this.#project = project;
    this.#clocks = clocks;
    this.#handlers = handlers;
  }

  get isAwaiting() {
    return this.#awaited > 0;
  }

  request() {
    if (this.#awaited === 0) {
      this.#handlers.send('dataset', { project: this.#project.wsProjectId });
    }
  }

  /** A request was sent. */
  sent() {
    this.#awaited++;
    this.#clocks.set('dataset', this.#project.wsConnectionTimeout, () =>
      this.#handlers.drop('the server did not send the project')
    );
  }

  /** A dataset arrived. @returns {boolean} whether it was requested */
  received() {
    this.#tookForAnswer = this.#awaited > 0;
    this.#answered();
    return this.#tookForAnswer;
  }

  refused() {
    this.#answered();
    this.settle(false);
  }

  /** Revisions arrived: a later notice does not belong to the last dataset. */
  passed() {
    this.#tookForAnswer = false;
  }

  /** The last dataset belonged to a reset, so the requested one is still to come. */
  wasReset() {
    if (this.#tookForAnswer) {
      this.sent();
    }
    this.#tookForAnswer = false;
  }

  /** The connection is lost, and pending answers with it. */
  forget() {
    this.#awaited = 0;
    this.#tookForAnswer = false;
    this.#clocks.clear('dataset');
  }

  /** @returns {Promise<boolean>} whether the project loaded within the time limit */
  wait() {
    this.#clocks.set('load', this.#project.wsConnectionTimeout, () => this.settle(false));
    return new Promise(resolve => this.#waiting.push(resolve));
  }

  settle(loaded) {
    this.#clocks.clear('load');
    this.#waiting.splice(0).forEach(resolve => resolve(loaded));
  }

  #answered() {
    this.#awaited = Math.max(0, this.#awaited - 1);
    this.#clocks.clear('dataset');
  }
}
