// Checked by `tsc --strict`, never run: correct code of an application compiles, and mistakes do not.
import { ChangeSet, SharedProject, SyncClient, negotiate, type Changes, type ItemChange } from 'serverless-sync-client';

const project = new SharedProject({
  address: negotiate('/api/negotiate', async ({ refused }) => (refused ? null : 'token')),
  userName: 'Hugo',
  project: 7
}).connect();

const stop: () => void = project.on('change', ({ changes, origin }) => {
  const ids: (string | number)[] = changes.map(({ id }: ItemChange) => id);
  const author: string | undefined = origin.userName;

  console.log(ids, author);
});

project.on('state', ({ state, retryInMs, final }) => console.log(state === 'online', retryInMs ?? 0, final === true));
project.on('load', ({ lost }) => lost.map(({ localRevision }) => localRevision.length));
project.on('error', ({ command, message }) => `${command}: ${message}`);

const changes = new ChangeSet();
const id: string = changes.add('tasks', { name: 'New' });

changes.update('tasks', 1, { name: 'Changed' }).remove('dependencies', 'd1');
const taken: boolean = project.edit(changes);
const name: string | undefined = project.store.get('tasks', id)?.['name'];

project.store.tree().forEach(({ task, level }) => console.log(task.id, level, taken, name));
project.reset();
stop();
project.destroy();

const client = new SyncClient({ address: 'wss://example.test/', userName: 'Ines', project: 'plan', confirmLeave: false });
const wire: Changes = { tasks: { updated: [{ id: 1, name: 'X' }], $input: { updated: [{ id: 1, name: 'X' }] } } };
const localRevision: string | null = client.submit(wire);

client.on('changes', ({ revisions }) => revisions.filter(({ own, known }) => own && !known && localRevision));

// @ts-expect-error there is no such event
client.on('change', () => {});
// @ts-expect-error the project is missing
new SyncClient({ address: 'wss://example.test/', userName: 'Ines' });
// @ts-expect-error states are read only
client.state = 'online';
