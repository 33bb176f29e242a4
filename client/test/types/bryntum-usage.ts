// Checked by `tsc --strict`, never run. Declares the parts of the library that are used, because its own declarations are not available.
import { createBryntumSync, negotiate, type ProjectErrorEvent, type WebSocketProjectEvents } from 'serverless-sync-client/bryntum';

declare class ProjectModel {
  constructor(config?: object);
  id: string;
  on(listeners: object): () => void;
}

declare const library: {
  Base: unknown;
  Events: unknown;
  ProjectModel: typeof ProjectModel;
  Container: unknown;
  StringHelper: unknown;
  Toast: unknown;
};

const { WebSocketProjectModel, ProjectWebSocketHandlerMixin, WebSocketHelper, LoginWidget, WebSocketManager } =
  createBryntumSync(library);

const project = new WebSocketProjectModel({ wsProjectId: 1, stm: { revisionsEnabled: true } });
const isTheirs: ProjectModel = project;

project.wsAddress = negotiate('/api/negotiate', () => 'token');
project.wsUserName = 'Hugo';
project.on({
  error: ({ code, lost }: ProjectErrorEvent) => code === 'reset' && lost.length > 0,
  wsPending: ({ count }: WebSocketProjectEvents['wsPending']) => count
});

const loaded: Promise<boolean> = project.wsLoad();
const state: 'idle' | 'connecting' | 'online' | 'offline' = project.wsState;

class MyProject extends ProjectWebSocketHandlerMixin(ProjectModel) {
  static $name = 'MyProject';
}

const mine = new MyProject({ wsReconnect: false });
const count: number = mine.wsPendingCount;

new WebSocketHelper({ project }, undefined, { mask: false }).destroy();
new LoginWidget({ project, host: 'wss://example.test/' }).login();
WebSocketManager.webSocketImplementation = null;
createBryntumSync([{}, library]);
console.log(isTheirs.id, loaded, state, count, project.id, mine.id);

// @ts-expect-error the revision is read only
project.wsRevision = 3;
// @ts-expect-error the library is missing
createBryntumSync();
