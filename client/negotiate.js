/** A refusal that a repeated request would meet again: the client stops and reports the reason. */
export class RefusedError extends Error {
  name = 'RefusedError';
  /** Read by the client, so that errors of other modules can have the same effect. */
  fatal = true;

  /**
   * @param {string} message
   * @param {number} [status] from the HTTP response
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Statuses that a repeated request would get again: no access, not found, and sign-in that is not configured. */
const LASTING_STATUS = new Set([400, 401, 403, 404, 405, 410, 501]);

/**
 * Creates an `address` that requests a new client URL for every connection, so that no expired one is used.
 * @param {string | URL} url of `POST /api/negotiate`
 * @param {(state: { refused: boolean }) => string | null | undefined | Promise<string | null | undefined>} [getToken]
 * the bearer token of the signed-in user, or a complete `Authorization` value (`Basic …`). Called again with `refused`
 * when the server refuses the first token, which may have expired unnoticed
 * @param {{ fetch?: typeof fetch }} [options]
 * @returns {() => Promise<string>} throws {@link RefusedError} when retrying is pointless
 */
export function negotiate(url, getToken, { fetch = (...request) => globalThis.fetch(...request) } = {}) {
  const ask = async refused => {
    const token = await getToken?.({ refused });
    const headers = token ? { Authorization: token.includes(' ') ? token : `Bearer ${token}` } : {};

    return fetch(url, { method: 'POST', headers, cache: 'no-store' });
  };

  return async () => {
    let response = await ask(false);

    if (response.status === 401 && getToken) {
      response = await ask(true);
    }

    if (!response.ok) {
      const message = `The server returned no address (HTTP ${response.status})`;

      throw LASTING_STATUS.has(response.status) ? new RefusedError(message, response.status) : new Error(message);
    }

    const answer = await response.json();

    if (typeof answer?.url !== 'string') {
      throw new RefusedError('The server gave no address (its answer has no url)', response.status);
    }
    return answer.url;
  };
}

/**
 * @param {string | (() => string | Promise<string>)} address
 * @returns {Promise<string>}
 */
export async function resolveAddress(address) {
  return typeof address === 'function' ? address() : address;
}
