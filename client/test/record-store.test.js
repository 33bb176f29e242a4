import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RecordStore } from '../record-store.js';

const dataset = () => ({
  tasksData: [
    {
      id: 1,
      name: 'Phase',
      children: [
        { id: 11, name: 'First', duration: 2 },
        { id: 12, name: 'Second', duration: 3 }
      ]
    },
    { id: 2, name: 'Alone' }
  ],
  dependenciesData: [{ id: 'd1', from: 11, to: 12, type: 2 }],
  resourcesData: [{ id: 'r1', name: 'Ines' }],
  assignmentsData: [{ id: 'a1', event: 11, resource: 'r1' }],
  project: { id: 'theirs', startDate: '2027-04-05T00:00:00' }
});

function loaded() {
  const store = new RecordStore();

  store.load(dataset());
  return store;
}

const names = store => store.tree().map(({ task, level }) => `${'-'.repeat(level)}${task.name}`);

describe('Loading', () => {
  it('flattens the tree and keeps its order', () => {
    const store = loaded();

    assert.deepEqual(names(store), ['Phase', '-First', '-Second', 'Alone']);
    assert.equal(store.get('tasks', 12).parentId, 1);
    assert.equal(store.get('tasks', 12).children, undefined);
    assert.deepEqual(store.project, { startDate: '2027-04-05T00:00:00' });
  });
});

describe('Loading in the order of Bryntum\'s stores', () => {
  const order = roots => {
    const store = new RecordStore();

    store.load({ tasksData: roots });
    return store.tree().map(({ task }) => task.id);
  };

  it('orders children by their array, whatever their indexes', () => {
    const children = [
      { id: 2, parentIndex: 1, orderedParentIndex: 1 },
      { id: 3, parentIndex: 0, orderedParentIndex: 0 }
    ];

    assert.deepEqual(order([{ id: 1, children }]), [1, 2, 3]);
  });

  it('sorts roots by parentIndex only when all have one', () => {
    assert.deepEqual(order([{ id: 1, parentIndex: 1 }, { id: 2, parentIndex: 0 }]), [2, 1]);
    assert.deepEqual(order([{ id: 1, parentIndex: 1 }, { id: 2, parentIndex: 0 }, { id: 3 }]), [1, 2, 3]);
    assert.deepEqual(order([{ id: 1, orderedParentIndex: 1 }, { id: 2, orderedParentIndex: 0 }]), [1, 2]);
  });
});

describe('Ids of either type', () => {
  it('name one record, which keeps the id that it arrived with', () => {
    const store = loaded();
    const events = [];

    store.on('change', event => events.push(...event.changes));
    store.applyRevision({
      tasks: { added: [{ id: '2', name: 'Twin' }], updated: [{ id: '11', name: 'Renamed' }] },
      resources: { updated: [{ id: 'r1', name: 'Hugo' }] }
    });

    assert.deepEqual(names(store), ['Phase', '-Renamed', '-Second', 'Twin']);
    assert.equal(store.get('tasks', '2'), store.get('tasks', 2));
    assert.equal(store.get('tasks', '2').id, 2);
    assert.deepEqual(events.map(({ id }) => id), [2, 11, 'r1']);
  });

  it('remove one record, with everything below it and linked to it', () => {
    const store = loaded();

    store.applyRevision({ tasks: { removed: [{ id: '1' }] } });
    assert.deepEqual(names(store), ['Alone']);
    assert.deepEqual(store.all('dependencies'), []);
    assert.deepEqual(store.all('assignments'), []);
  });

  it('are one record in pending edits too', () => {
    const store = loaded();

    store.addPending('local-1', { tasks: { updated: [{ id: '2', name: 'Mine' }] } });
    assert.equal(store.get('tasks', 2).name, 'Mine');
    store.applyRevision({ tasks: { updated: [{ id: 2, name: 'Theirs' }] } });
    assert.equal(store.get('tasks', 2).name, 'Mine');
    store.applyRevision({ tasks: { updated: [{ id: '2', name: 'Mine' }] } }, { settles: 'local-1' });
    assert.deepEqual([store.get('tasks', '2').name, store.get('tasks', 2).id], ['Mine', 2]);
    assert.notEqual(store.prune({ tasks: { updated: [{ id: '2' }] } }), null);
  });

  it('do not match a parent, as in Bryntum', () => {
    const store = loaded();

    assert.equal(store.prune({ tasks: { added: [{ $PhantomId: '_g', parentId: '1' }] } }), null);
    assert.equal(store.prune({ tasks: { updated: [{ id: 2, parentId: '1' }] } }), null);
  });

  it('and objects are ends of links, and the shortest name of an end counts', () => {
    const store = loaded();
    const ends = (kind, link) => store.endsOf(kind, link);

    assert.deepEqual(ends('dependencies', { from: '11', toEvent: { id: '12' } }), [11, 12]);
    assert.deepEqual(ends('dependencies', { fromEvent: 2, from: 11, toTask: 99, to: null, toEvent: 12 }), [11, 12]);
    assert.deepEqual(ends('dependencies', { from: 99, fromEvent: 11, to: {} }), [undefined, undefined]);
    assert.deepEqual(ends('assignments', { event: '11', eventId: 2, resourceId: { id: 'r1' } }), [11, 'r1']);

    store.applyRevision({ dependencies: { added: [{ id: 'd2', from: { id: '2' }, to: '12' }] } });
    store.applyRevision({ tasks: { removed: [{ id: 2 }] } });
    assert.deepEqual(store.all('dependencies').map(({ id }) => id), ['d1']);
  });

  it('can equal names of Object.prototype properties', () => {
    const store = loaded();

    assert.equal(store.get('tasks', 'constructor'), undefined);
    assert.equal(store.get('tasks', '__proto__'), undefined);
  });
});

describe('Foreign revisions', () => {
  it('apply results, not input', () => {
    const store = loaded();

    store.applyRevision({
      tasks: { updated: [{ id: 11, duration: 5, endDate: 'derived' }], $input: { updated: [{ id: 11, duration: 5 }] } }
    });
    assert.equal(store.get('tasks', 11).endDate, 'derived');
    assert.equal(store.get('tasks', 11).name, 'First');
  });

  it('add, move and remove, with everything linked to removed records', () => {
    const store = loaded();

    store.applyRevision({
      tasks: {
        added: [{ id: 'tasks-1', $PhantomId: '_generated_1', name: 'Third', parentId: 1, orderedParentIndex: 2 }],
        updated: [{ id: 11, parentId: null, orderedParentIndex: 7 }]
      }
    });
    assert.deepEqual(names(store), ['Phase', '-Second', '-Third', 'Alone', 'First']);
    assert.equal(store.get('tasks', 'tasks-1').$PhantomId, undefined);

    store.applyRevision({ tasks: { removed: [{ id: 1 }, { id: 'unknown' }] } });
    assert.deepEqual(names(store), ['Alone', 'First']);
    assert.deepEqual(store.all('dependencies'), []);
    assert.equal(store.all('assignments').length, 1);
  });

  it('ignore an update of a removed record', () => {
    const store = loaded();

    store.applyRevision({ tasks: { updated: [{ id: 99, name: 'Ghost' }] } });
    assert.equal(store.get('tasks', 99), undefined);
  });

  it('change fields of the project, but never its id', () => {
    const store = loaded();

    store.applyRevision({ project: { id: 'gantt1', calendar: 'c1', $input: { calendar: 'c1' } } });
    assert.deepEqual(store.project, { startDate: '2027-04-05T00:00:00', calendar: 'c1' });
  });

  it('apply the rules of a calendar, which are a change set of their own', () => {
    const store = loaded();

    store.applyRevision({
      calendars: { added: [{ id: 'c1', intervals: { added: [{ $PhantomId: '_g', id: 'i1', isWorking: false }] } }] }
    });
    store.applyRevision({
      calendars: { updated: [{ id: 'c1', intervals: { added: [{ id: 'i2' }], removed: [{ id: 'i1' }] } }] }
    });
    assert.deepEqual(store.get('calendars', 'c1').intervals, [{ id: 'i2' }]);
  });

  it('report the changes and their author', () => {
    const store = loaded();
    const events = [];

    store.on('change', event => events.push(event));
    store.applyRevision({ tasks: { updated: [{ id: 2, name: 'New' }] } }, { origin: { userName: 'Ines' } });

    assert.equal(events.length, 1);
    assert.equal(events[0].origin.userName, 'Ines');
    assert.deepEqual(
      events[0].changes.map(({ store: name, id, before, after }) => [name, id, before.name, after.name]),
      [['tasks', 2, 'Alone', 'New']]
    );
  });

  it('cannot hang the page with a cycle of parents', () => {
    const store = loaded();

    store.applyRevision({ tasks: { updated: [{ id: 1, parentId: 11 }] } });
    assert.deepEqual(names(store), ['Alone']);
  });
});

describe('Pending edits', () => {
  it('stay on top of foreign revisions until their echo, which wins everywhere', () => {
    const store = loaded();

    store.addPending('local-1', { tasks: { updated: [{ id: 2, name: 'Mine' }] } });
    store.applyRevision({ tasks: { updated: [{ id: 2, name: 'Theirs', duration: 9 }] } });
    assert.equal(store.get('tasks', 2).name, 'Mine');
    assert.equal(store.get('tasks', 2).duration, 9);

    store.applyRevision({ tasks: { updated: [{ id: 2, name: 'Mine' }] } }, { settles: 'local-1' });
    assert.equal(store.get('tasks', 2).name, 'Mine');
    assert.deepEqual(store.pendingKeys, []);
  });

  it('are replaced by the server\'s version of them', () => {
    const store = loaded();

    store.addPending('local-1', { tasks: { updated: [{ id: 2, name: 'Mine' }] } });
    store.applyRevision({}, { settles: 'local-1' });
    assert.equal(store.get('tasks', 2).name, 'Alone');
  });

  it('disappear when their record is removed first', () => {
    const store = loaded();

    store.addPending('local-1', { tasks: { updated: [{ id: 2, name: 'Mine' }] } });
    store.applyRevision({ tasks: { removed: [{ id: 2 }] } });
    assert.equal(store.get('tasks', 2), undefined);
  });

  it('are reverted when they are dropped', () => {
    const store = loaded();

    store.addPending('local-1', { tasks: { removed: [{ id: 2 }] } });
    assert.equal(store.get('tasks', 2), undefined);
    store.dropPending('local-1');
    assert.equal(store.get('tasks', 2).name, 'Alone');
  });

  it('receive permanent ids, also in links and in later pending edits', () => {
    const store = loaded();
    const events = [];

    store.addPending('local-1', { tasks: { added: [{ $PhantomId: '_g1', name: 'New', parentId: 1 }] } });
    store.addPending('local-2', {
      tasks: {
        added: [{ $PhantomId: '_g2', name: 'Below', parentId: '_g1', $PhantomParentId: '_g1' }],
        updated: [{ id: '_g1', name: 'Newer' }]
      },
      dependencies: { added: [{ $PhantomId: '_g3', from: '_g1', to: 12 }] }
    });
    store.on('change', event => events.push(event));
    store.applyRevision(
      { tasks: { added: [{ $PhantomId: '_g1', id: 'tasks-5', name: 'New', parentId: 1 }] } },
      { settles: 'local-1' }
    );

    assert.deepEqual(events[0].renamed, [{ store: 'tasks', from: '_g1', to: 'tasks-5' }]);
    assert.equal(store.get('tasks', '_g1'), undefined);
    assert.equal(store.get('tasks', 'tasks-5').name, 'Newer');
    assert.equal(store.get('tasks', '_g2').parentId, 'tasks-5');
    assert.equal(store.get('dependencies', '_g3').from, 'tasks-5');
    assert.equal(store.pendingChanges('local-2').tasks.added[0].$PhantomParentId, '_g1');
  });
});

describe('Pruning for a newer dataset', () => {
  it('keeps changes that still apply', () => {
    const store = loaded();
    const changes = { tasks: { updated: [{ id: 2, name: 'x' }], $input: { updated: [{ id: 2, name: 'x' }] } } };

    assert.deepEqual(store.prune(changes), changes);
  });

  it('drops edits of removed records and branches without a root', () => {
    const store = loaded();

    assert.deepEqual(
      store.prune({
        tasks: {
          added: [
            { $PhantomId: '_a', parentId: 99 },
            { $PhantomId: '_b', parentId: '_a' },
            { $PhantomId: '_c', parentId: 1 }
          ],
          updated: [{ id: 99, name: 'x' }],
          removed: [{ id: 98 }],
          $input: { updated: [{ id: 99, name: 'x' }] }
        },
        dependencies: {
          added: [
            { $PhantomId: '_d', from: '_b', to: 2 },
            { $PhantomId: '_e', from: '_c', to: 2 }
          ]
        }
      }),
      {
        tasks: { added: [{ $PhantomId: '_c', parentId: 1 }], $input: {} },
        dependencies: { added: [{ $PhantomId: '_e', from: '_c', to: 2 }] }
      }
    );
    assert.equal(store.prune({ tasks: { removed: [{ id: 98 }] } }), null);
  });
});
