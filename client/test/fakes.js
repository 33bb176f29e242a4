/** Virtual time: nothing runs until {@link FakeTimers.advance}. */
export class FakeTimers {
  #now = 0;
  #next = 1;
  #timers = new Map();

  setTimeout = (callback, delay) => {
    this.#timers.set(this.#next, { at: this.#now + delay, callback });
    return this.#next++;
  };

  clearTimeout = id => this.#timers.delete(id);

  now = () => this.#now;

  get count() {
    return this.#timers.size;
  }

  advance(milliseconds) {
    const end = this.#now + milliseconds;

    for (;;) {
      const due = [...this.#timers].filter(([, timer]) => timer.at <= end).sort((a, b) => a[1].at - b[1].at)[0];

      if (!due) {
        break;
      }

      this.#timers.delete(due[0]);
      this.#now = due[1].at;
      due[1].callback();
    }
    this.#now = end;
  }
}

/** A class of sockets that a test controls. */
export function fakeWebSockets() {
  return class FakeWebSocket {
    static CONNECTING = 0;
    static OPEN = 1;
    static CLOSING = 2;
    static CLOSED = 3;
    static all = [];

    static get last() {
      return this.all.at(-1);
    }

    readyState = 0;
    sent = [];
    #listeners = new Map();

    constructor(url) {
      this.url = url;
      this.constructor.all.push(this);
    }

    addEventListener(type, listener) {
      this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
    }

    removeEventListener(type, listener) {
      this.#listeners.set(type, (this.#listeners.get(type) ?? []).filter(candidate => candidate !== listener));
    }

    send(text) {
      this.sent.push(JSON.parse(text));
    }

    close() {
      this.readyState = 3;
    }

    fire(type, event = {}) {
      (this.#listeners.get(type) ?? []).forEach(listener => listener(event));
    }

    open() {
      this.readyState = 1;
      this.fire('open');
    }

    receive(message) {
      this.fire('message', { data: typeof message === 'string' ? message : JSON.stringify(message) });
    }

    drop() {
      this.readyState = 3;
      this.fire('close', {});
    }

    commands() {
      return this.sent.map(({ command }) => command);
    }

    changes() {
      return this.sent.filter(({ command }) => command === 'project_change').map(({ data }) => data);
    }
  };
}

/** A window that can lose its network and be hidden. */
export class FakeWindow {
  navigator = { onLine: true };
  #listeners = new Map();
  document = {
    visibilityState: 'visible',
    addEventListener: (type, listener) => this.addEventListener(type, listener),
    removeEventListener: (type, listener) => this.removeEventListener(type, listener)
  };

  addEventListener(type, listener) {
    this.#listeners.set(type, [...(this.#listeners.get(type) ?? []), listener]);
  }

  removeEventListener(type, listener) {
    this.#listeners.set(type, (this.#listeners.get(type) ?? []).filter(candidate => candidate !== listener));
  }

  fire(type, event) {
    (this.#listeners.get(type) ?? []).forEach(listener => listener(event));
  }

  /** Leaves the page. @returns {boolean} whether the browser asks first */
  leave() {
    let asks = false;

    this.fire('beforeunload', { preventDefault: () => (asks = true) });
    return asks;
  }

  setVisible(visible) {
    this.document.visibilityState = visible ? 'visible' : 'hidden';
    this.fire('visibilitychange');
  }
}

/** Waits until pending promises have settled. */
export const settle = () => new Promise(resolve => setImmediate(resolve));
