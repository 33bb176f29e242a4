import { createProjectMixin } from './project-mixin.js';
import { createWebSocketHelper } from './websocket-helper.js';
import { createWebSocketManager } from './websocket-manager.js';
import { createWidgets } from './widgets.js';

export { RefusedError, negotiate } from '../negotiate.js';

/** The parts of the library that are used; only `Toast` and `DataGenerator` are optional. */
const REQUIRED = ['Base', 'Events', 'ProjectModel', 'Container', 'StringHelper'];

/** Widget types are registered once per library, however many modules ask. @type {WeakMap<object, object>} */
const made = new WeakMap();

/**
 * Creates the classes of the realtime client from the page's own library.
 * @param {object | object[]} library the namespace of Gantt or Scheduler Pro (`import * as bryntum from …`); for thin
 * bundles, the namespaces of all their packages, where later ones take precedence
 * @param {{ timers?: any, random?: () => number, environment?: any }} [platform] replaced by tests
 */
export function createBryntumSync(library, platform = {}) {
  const namespace = Object.assign({}, ...[library].flat());
  const missing = REQUIRED.filter(name => namespace[name] === undefined);

  if (missing.length > 0) {
    throw new TypeError(`createBryntumSync: the library has no ${missing.join(', ')}`);
  }

  if (!made.has(namespace.ProjectModel)) {
    made.set(namespace.ProjectModel, create(namespace, platform));
  }
  return made.get(namespace.ProjectModel);
}

export default createBryntumSync;

function create(namespace, platform) {
  const WebSocketManager = createWebSocketManager(namespace);
  const ProjectWebSocketHandlerMixin = createProjectMixin(namespace, WebSocketManager, platform);

  class WebSocketProjectModel extends ProjectWebSocketHandlerMixin(namespace.ProjectModel) {
    static $name = 'WebSocketProjectModel';
  }

  return {
    WebSocketManager,
    ProjectWebSocketHandlerMixin,
    WebSocketProjectModel,
    WebSocketHelper: createWebSocketHelper(namespace),
    ...createWidgets(namespace)
  };
}
