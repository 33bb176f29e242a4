/**
 * Listeners by event name. EventTarget would wrap every payload in an Event and swallow listeners' exceptions.
 */
export class Emitter {
  /** @type {Map<string, Set<Function>>} */
  #listeners = new Map();

  /**
   * @param {string} type
   * @param {(payload: any) => void} listener
   * @returns {() => void} a function that removes the listener
   */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set();

    listeners.add(listener);
    this.#listeners.set(type, listeners);
    return () => listeners.delete(listener);
  }

  /** Removes all listeners. */
  clear() {
    this.#listeners.clear();
  }

  /**
   * @param {string} type
   * @param {any} [payload]
   */
  emit(type, payload) {
    // A copy, because a listener may remove itself while it is called.
    for (const listener of [...(this.#listeners.get(type) ?? [])]) {
      listener(payload);
    }
  }
}
