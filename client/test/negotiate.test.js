import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { negotiate } from '../negotiate.js';

/** A server that returns the responses in order and records the requests. */
function fakeFetch(...answers) {
  const requests = [];
  const fetch = async (url, { method, headers }) => {
    requests.push({ url, method, authorization: headers.Authorization });

    const { status = 200, body = {} } = answers.shift();

    return { ok: status < 300, status, json: async () => body };
  };

  return { fetch, requests };
}

describe('Negotiating an address', () => {
  it('sends the current token and returns the URL', async () => {
    const { fetch, requests } = fakeFetch({ body: { url: 'wss://a' } }, { body: { url: 'wss://b' } });
    let token = 0;
    const address = negotiate('/api/negotiate', async () => `t${++token}`, { fetch });

    assert.deepEqual([await address(), await address()], ['wss://a', 'wss://b']);
    assert.deepEqual(requests[1], { url: '/api/negotiate', method: 'POST', authorization: 'Bearer t2' });
  });

  it('sends no header without a token, and a complete header unchanged', async () => {
    const { fetch, requests } = fakeFetch({ body: { url: 'wss://a' } }, { body: { url: 'wss://a' } });

    await negotiate('/n', undefined, { fetch })();
    await negotiate('/n', () => 'Basic aDpo', { fetch })();
    assert.deepEqual(requests.map(({ authorization }) => authorization), [undefined, 'Basic aDpo']);
  });

  it('requests another token once when the first is refused', async () => {
    const { fetch } = fakeFetch({ status: 401 }, { body: { url: 'wss://a' } });
    const asked = [];
    const address = negotiate(
      '/n',
      ({ refused }) => {
        asked.push(refused);
        return 't';
      },
      { fetch }
    );

    assert.equal(await address(), 'wss://a');
    assert.deepEqual(asked, [false, true]);
  });

  it('reports whether a retry is worthwhile', async () => {
    const outcome = async (...answers) => negotiate('/n', () => 't', { fetch: fakeFetch(...answers).fetch })().catch(e => e);

    assert.equal((await outcome({ status: 503 })).fatal, undefined);
    assert.equal((await outcome({ status: 429 })).fatal, undefined);
    assert.equal((await outcome({ status: 403 })).fatal, true);
    assert.equal((await outcome({ status: 501 })).fatal, true);
    assert.equal((await outcome({ status: 401 }, { status: 401 })).fatal, true);
    assert.equal((await outcome({ body: {} })).fatal, true);
  });
});
