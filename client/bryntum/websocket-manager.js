import { resolveAddress } from '../negotiate.js';

/** WebSocket states from the standard; a test's implementation need not define the constants. */
const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/**
 * @param {{ Base: any, Events: any }} library
 * @returns a class that owns one socket: opens it, closes it, and turns frames into events
 */
export function createWebSocketManager({ Base, Events }) {
  return class WebSocketManager extends Events(Base) {
    static $name = 'WebSocketManager';

    /** Replaced by tests, and where the platform has no WebSocket. */
    static webSocketImplementation = globalThis.WebSocket ?? null;

    static configurable = {
      /** URL, or a function that returns one for every connection. */
      address: '',
      userName: 'User',
      autoConnect: true
    };

    construct(config = {}) {
      super.construct(config);
      this.onWsOpen = this.onWsOpen.bind(this);
      this.onWsClose = this.onWsClose.bind(this);
      this.onWsMessage = this.onWsMessage.bind(this);
      this.onWsError = this.onWsError.bind(this);

      if (this.autoConnect && this.address) {
        this.open();
      }
    }

    doDestroy() {
      this.destroyWebSocketConnector();
      super.doDestroy();
    }

    get isConnecting() {
      return this.connector?.readyState === CONNECTING;
    }

    get isOpened() {
      return this.connector?.readyState === OPEN;
    }

    get isClosing() {
      return this.connector?.readyState === CLOSING;
    }

    get isClosed() {
      return (this.connector?.readyState ?? CLOSED) === CLOSED;
    }

    createWebSocketConnector(url = this.address) {
      const connector = (this.connector = new this.constructor.webSocketImplementation(url));

      this.attachSocketListeners(connector);
    }

    /** Detaches the socket silently: its later events are ignored. */
    destroyWebSocketConnector() {
      const { connector } = this;

      this.connector = null;
      this.settleOpening?.(false);

      if (connector) {
        this.detachSocketListeners(connector);

        try {
          connector.close();
        } catch {
          // A socket that cannot be closed is already closed.
        }
      }
    }

    attachSocketListeners(connector) {
      connector.addEventListener('open', this.onWsOpen);
      connector.addEventListener('close', this.onWsClose);
      connector.addEventListener('message', this.onWsMessage);
      connector.addEventListener('error', this.onWsError);
    }

    detachSocketListeners(connector) {
      connector.removeEventListener('open', this.onWsOpen);
      connector.removeEventListener('close', this.onWsClose);
      connector.removeEventListener('message', this.onWsMessage);
      connector.removeEventListener('error', this.onWsError);
    }

    /** @returns {Promise<boolean>} whether the socket is open; calls made while it opens share one answer */
    async open() {
      if (this.isOpened) {
        return true;
      }

      if (!this.opening) {
        if (!this.address) {
          console.warn('WebSocketManager: address is empty');
          return false;
        }

        const opening = (this.opening = new Promise(resolve => (this.settleOpening = resolve)));

        opening.then(() => {
          if (this.opening === opening) {
            this.opening = this.settleOpening = null;
          }
        });
        this.connectTo(opening);
      }
      return this.opening;
    }

    async connectTo(opening) {
      try {
        const url = await resolveAddress(this.address);

        // Closed, destroyed or restarted while the address was being fetched.
        if (this.opening === opening && !this.isDestroyed) {
          this.createWebSocketConnector(url);
        }
      } catch (error) {
        if (this.opening === opening && !this.isDestroyed) {
          this.onWsError(error);
        }
      }
    }

    close() {
      const wasInUse = Boolean(this.connector || this.opening);

      this.opening = null;
      this.destroyWebSocketConnector();

      if (wasInUse) {
        this.trigger('close');
      }
    }

    send(command, data = {}) {
      this.connector?.send(JSON.stringify({ command, data }));
    }

    onWsOpen(event) {
      this.trigger('open', { event });
      this.settleOpening?.(true);
    }

    onWsClose(event) {
      this.destroyWebSocketConnector();
      this.trigger('close', { event });
    }

    onWsMessage(message) {
      let data;

      try {
        data = JSON.parse(message.data);
      } catch (error) {
        this.trigger('error', { error });
        return;
      }
      this.trigger('message', { data });
    }

    onWsError(error) {
      if (!this.isOpened) {
        // The pending open() was answered; no close event follows.
        this.destroyWebSocketConnector();
        this.opening = null;
      }
      this.trigger('error', { error });
    }
  };
}
