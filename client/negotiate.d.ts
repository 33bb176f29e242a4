/** A WebSocket URL, or a function that returns one for every connection. */
export type Address = string | (() => string | Promise<string>);

/** A refusal that a repeated request would meet again: the client stops and reports the reason. */
export class RefusedError extends Error {
  constructor(message: string, status?: number);
  readonly name: 'RefusedError';
  readonly fatal: true;
  /** From the HTTP response. */
  readonly status: number | undefined;
}

export interface NegotiateOptions {
  fetch?: (url: string | URL, init: { method: string; headers: Record<string, string>; cache: 'no-store' }) => Promise<{
    ok: boolean;
    status: number;
    json(): Promise<unknown>;
  }>;
}

/**
 * Creates an `address` that requests a new client URL for every connection, so that no expired one is used.
 * @param url of `POST /api/negotiate`
 * @param getToken the bearer token of the signed-in user, or a complete `Authorization` value (`Basic …`). Called again
 * with `refused` when the server refuses the first token, which may have expired unnoticed
 * @returns a function that rejects with a {@link RefusedError} when retrying is pointless
 */
export function negotiate(
  url: string | URL,
  getToken?: (state: { refused: boolean }) => string | null | undefined | Promise<string | null | undefined>,
  options?: NegotiateOptions
): () => Promise<string>;
