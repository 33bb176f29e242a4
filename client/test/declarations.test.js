import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import * as bryntum from '../bryntum/index.js';
import * as main from '../index.js';
import { createLibraryStub } from './bryntum-stub.js';
import { readReadme, withReference } from './reference.js';

const read = file => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

/** Members of a declared class or interface, without their types. */
function membersOf(text, name) {
  const [, body] = text.match(new RegExp(`export (?:class|interface) ${name}\\b[^{]*\\{\\n([\\s\\S]*?)\\n\\}`)) ?? [];

  assert.ok(body, `${name} is declared`);
  return [...body.matchAll(/^ {2}(?:readonly )?([a-zA-Z]+)[?<(:]/gm)].map(([, member]) => member).filter(m => m !== 'constructor' && m !== 'new');
}

describe('The declarations', () => {
  it('export what the modules export', () => {
    const names = file => [...read(file).matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) => list.split(',').map(n => n.trim()));

    assert.deepEqual(names('index.d.ts').sort(), Object.keys(main).sort());
    assert.deepEqual(
      [...names('bryntum/index.d.ts'), 'createBryntumSync', 'default'].sort(),
      Object.keys(bryntum).sort()
    );
  });

  for (const [name, file, make] of [
    ['SyncClient', 'sync-client.d.ts', () => new main.SyncClient({ address: '', userName: 'x', project: 1 })],
    ['SharedProject', 'shared-project.d.ts', () => new main.SharedProject({ address: '', userName: 'x', project: 1 })],
    ['RecordStore', 'record-store.d.ts', () => new main.RecordStore()],
    ['ChangeSet', 'change-set.d.ts', () => new main.ChangeSet()]
  ]) {
    it(`of ${name} name members that it has`, () => {
      const instance = make();

      membersOf(read(file), name).forEach(member => assert.ok(member in instance, `${name}.${member}`));
    });
  }

  it('of the Bryntum module name members that the classes have', () => {
    const text = read('bryntum/index.d.ts');
    const sync = bryntum.createBryntumSync(createLibraryStub());
    const project = new sync.WebSocketProjectModel();
    const manager = new sync.WebSocketManager({ autoConnect: false });

    assert.deepEqual(membersOf(text, 'BryntumSync').sort(), Object.keys(sync).sort());
    [...membersOf(text, 'WebSocketProjectConfig'), ...membersOf(text, 'WebSocketProject')].forEach(member =>
      assert.ok(member in project, member)
    );
    membersOf(text, 'WebSocketManager')
      .filter(member => member !== 'connector')
      .forEach(member => assert.ok(member in manager, member));
  });

  it('are the reference of the README', () => {
    assert.equal(readReadme(), withReference(readReadme()), 'run `npm run reference`');
  });
});
