/** The platform's timers, in a form that tests can replace. */
export const systemTimers = {
  setTimeout: (callback, delay) => setTimeout(callback, delay),
  clearTimeout: id => clearTimeout(id),
  now: () => performance.now()
};

/** Named timers; setting a timer again restarts it. */
export class Clocks {
  #timers;
  /** @type {Map<string, any>} */
  #running = new Map();

  constructor(timers = systemTimers) {
    this.#timers = timers;
  }

  now() {
    return this.#timers.now();
  }

  has(name) {
    return this.#running.has(name);
  }

  set(name, delay, callback) {
    this.clear(name);
    this.#running.set(
      name,
      this.#timers.setTimeout(() => {
        this.#running.delete(name);
        callback();
      }, delay)
    );
  }

  clear(name) {
    if (this.#running.has(name)) {
      this.#timers.clearTimeout(this.#running.get(name));
      this.#running.delete(name);
    }
  }

  clearAll() {
    [...this.#running.keys()].forEach(name => this.clear(name));
  }
}
