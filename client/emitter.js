/**
 * Listeners by name. EventTarget would wrap every payload in an Event and swallow what listeners throw.
 */
export class Emitter {
  /** @type {Map<string, Set<Function>>} */
  #listeners = new Map();

  /**
   * @param {string} type
   * @param {(payload: any) => void} listener
   * @returns {() => void} stops listening
   */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set();

    listeners.add(listener);
    this.#listeners.set(type, listeners);
    return () => listeners.delete(listener);
  }

  /** Forgets all listeners. */
  clear() {
    this.#listeners.clear();
  }

  /**
   * @param {string} type
   * @param {any} [payload]
   */
  emit(type, payload) {
    // A copy, since a listener may stop listening while it is called.
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      listener(payload);
    }
  }
}
