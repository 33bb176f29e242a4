/** WebSocket URL, or how to get one for every connection. */
export type Address = string | (() => string | Promise<string>);

/** A refusal that the same request would meet again: the client stops trying and says why. */
export class RefusedError extends Error {
  constructor(message: string, status?: number);
  readonly name: 'RefusedError';
  readonly fatal: true;
  /** Of the HTTP answer. */
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
 * Makes an `address` that asks the server for a new client URL at every connection, so that none is used that expired.
 * @param url of `POST /api/negotiate`
 * @param getToken the bearer token of the signed-in user, or a whole `Authorization` value (`Basic …`). Asked a second
 * time with `refused` when the server does not take the first, since a token may expire unnoticed
 * @returns rejects with a {@link RefusedError} when trying again would be of no use
 */
export function negotiate(
  url: string | URL,
  getToken?: (state: { refused: boolean }) => string | null | undefined | Promise<string | null | undefined>,
  options?: NegotiateOptions
): () => Promise<string>;
