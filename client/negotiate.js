/** A refusal that the same request would meet again: the client stops trying and says why. */
export class RefusedError extends Error {
  name = 'RefusedError';
  /** Read by the client, so that errors of other modules can say the same. */
  fatal = true;

  /**
   * @param {string} message
   * @param {number} [status] of the HTTP answer
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Answers that the same request gets again: who may not come in, and what is not there. */
const LASTING_STATUS = new Set([400, 401, 403, 404, 405, 410]);

/**
 * Makes an `address` that asks the server for a new client URL at every connection, so that none is used that expired.
 * @param {string | URL} url of `POST /api/negotiate`
 * @param {(state: { refused: boolean }) => string | null | undefined | Promise<string | null | undefined>} [getToken]
 * the bearer token of the signed-in user, or a whole `Authorization` value (`Basic …`). Asked a second time with
 * `refused` when the server does not take the first, since a token may expire unnoticed
 * @param {{ fetch?: typeof fetch }} [options]
 * @returns {() => Promise<string>} throws {@link RefusedError} when trying again would be of no use
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
      const message = `The server gave no address (HTTP ${response.status})`;

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
