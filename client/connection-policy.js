/** The first upper bound of the random reconnect delay; it doubles with every failure. */
const RETRY_BASE_MS = 500;
/** The last upper bound: after an outage, reconnecting clients are spread over half a minute. */
export const RETRY_MAX_MS = 30_000;
/** A socket that is not open by then will not open; mobile networks take up to ten seconds. */
export const OPEN_TIMEOUT_MS = 15_000;
/** Login and dataset take one round trip each, plus a cold start of the server. */
export const JOIN_TIMEOUT_MS = 60_000;
/** The server answers every revision; without an answer in this time, the socket counts as dead. */
export const ACKNOWLEDGE_TIMEOUT_MS = 20_000;
/** How long the probe of a possibly dead socket waits for any message. */
export const PROBE_TIMEOUT_MS = 5_000;
/** A page that was hidden for less time is not probed. */
export const PROBE_AFTER_HIDDEN_MS = 30_000;
/** After a refusal the server sends a dataset by itself; after this time the page requests one. */
export const REFUSAL_DATASET_WAIT_MS = 3_000;
/** Limit of unacknowledged revisions: the server accepts 1,000 in one message. */
export const PENDING_MAX = 1_000;
/** Limit of the characters of unacknowledged revisions; bounds the memory of a page that stays offline for days. */
export const PENDING_CHARACTERS_MAX = 8_000_000;
/**
 * Limit of the UTF-8 bytes of one revision (`RevisionBytesMax` of the server): a larger frame would cost the
 * connection.
 */
export const REVISION_BYTES_MAX = 921_600;
/** Limits of one message: the service forwards at most 1 MiB, and a character may take three bytes. */
const MESSAGE_REVISIONS_MAX = 200;
const MESSAGE_CHARACTERS_MAX = 300_000;
/** Refusals that a repeated request would meet again, in the server's words (docs/protocol.md, Errors). */
const LASTING_REFUSALS = new Set(['Authorization required', 'Wrong username/password']);

/**
 * @param {number} failures consecutive failures before this one
 * @param {() => number} random
 * @param {boolean} hasNetwork without a network, only the browser's `online` event helps
 */
export function retryDelay(failures, random, hasNetwork = true) {
  return hasNetwork
    ? Math.round(random() * Math.min(RETRY_MAX_MS, RETRY_BASE_MS * 2 ** Math.min(failures, 16)))
    : RETRY_MAX_MS;
}

/**
 * Takes as many revisions from the front as fit one message, at least one.
 * @template {{ characters: number }} T
 * @param {T[]} waiting
 * @returns {T[]}
 */
export function takeMessage(waiting) {
  const batch = [];
  let characters = 0;

  do {
    const next = waiting.shift();

    batch.push(next);
    characters += next.characters;
  } while (
    waiting.length > 0 &&
    batch.length < MESSAGE_REVISIONS_MAX &&
    characters + waiting[0].characters <= MESSAGE_CHARACTERS_MAX
  );
  return batch;
}

/** Whether a revision can be sent at all. A character takes at most three bytes, so most revisions need no counting. */
export function fitsInMessage(json) {
  return json.length * 3 <= REVISION_BYTES_MAX || new TextEncoder().encode(json).length <= REVISION_BYTES_MAX;
}

/** Whether a repeated request by the same user would be refused again. */
export function isLastingRefusal(message) {
  return LASTING_REFUSALS.has(message);
}

/**
 * How long a server whose rate limit was exceeded asks the client to wait.
 * @param {string} message
 * @returns {number | null} milliseconds; null when the message is about something else
 */
export function retryAfter(message) {
  const [, seconds] = /; try again in (\d+) s$/.exec(message) ?? [];

  return seconds === undefined ? null : Number(seconds) * 1000;
}
