import type { Address } from '../negotiate.js';

export { RefusedError, negotiate } from '../negotiate.js';
export type { Address, NegotiateOptions } from '../negotiate.js';

/** What is used of the library: the namespace of Gantt or Scheduler Pro has it all. */
export interface BryntumLibrary {
  Base: any;
  Events: any;
  ProjectModel: abstract new (...options: any[]) => any;
  Container: any;
  StringHelper: any;
  Toast?: any;
  DataGenerator?: any;
}

/** For tests. */
export interface Platform {
  timers?: { setTimeout(callback: () => void, delay: number): unknown; clearTimeout(id: any): void; now(): number };
  random?: () => number;
  /** Where `online`, `offline`, `visibilitychange` and `beforeunload` are listened for; null for nowhere. */
  environment?: object | null;
  storage?: { indexedDB?: any; locks?: any; now?: () => number };
}

export type WebSocketState = 'idle' | 'connecting' | 'online' | 'offline';

/** A message as it is on the wire. A refusal has `error`. */
export interface ServerMessage {
  command: string;
  data?: any;
  error?: string;
  message?: string;
}

export interface WebSocketManagerConfig {
  address?: Address;
  userName?: string;
  autoConnect?: boolean;
}

/** One socket. Triggers `open`, `close`, `message` `{data}` and `error` `{error}`. */
export interface WebSocketManager {
  address: Address;
  userName: string;
  readonly connector: any;
  readonly isConnecting: boolean;
  readonly isOpened: boolean;
  readonly isClosing: boolean;
  readonly isClosed: boolean;
  open(): Promise<boolean>;
  close(): void;
  send(command: string, data?: object): void;
  destroy(): void;
}

export interface WebSocketManagerClass {
  new (config?: WebSocketManagerConfig): WebSocketManager & Record<string, any>;
  webSocketImplementation: (new (url: string) => any) | null;
}

export interface WebSocketProjectConfig {
  /** URL, or a function that makes one for every connection. Another server voids what was not sent. */
  wsAddress?: Address | null;
  /** With a name the project logs in by itself, at every connection. */
  wsUserName?: string;
  wsPassword?: string;
  /** Loads as soon as address and project are known; true by default. */
  wsAutoLoad?: boolean;
  /** Milliseconds to wait for a dataset; 60,000 by default. */
  wsConnectionTimeout?: number;
  /** Compared strictly with what the server sends: `1` is not `'1'`. */
  wsProjectId?: string | number | null;
  /** Opens a lost connection again; true by default. */
  wsReconnect?: boolean;
  /** Lets the browser ask before a page with unanswered edits is left; true by default. */
  wsConfirmLeave?: boolean;
  /** Shows what the server refuses; true by default. */
  wsShowToasts?: boolean;
  /** Keeps unanswered edits in the browser (IndexedDB, Web Locks), so that they survive the page; false by default. */
  wsPersist?: boolean;
}

export type ProjectErrorCode =
  /** The server does not take the login. It is not tried again. */
  | 'login-refused'
  /** The project is not there, or not for this user. It is not asked for again. */
  | 'project-refused'
  /** The dataset cannot be had now. */
  | 'dataset-refused'
  /** Edits that the server did not take. */
  | 'change-refused'
  /** Edits of a user who may only look. */
  | 'read-only'
  /** Edits made before a reset or a restore. */
  | 'reset'
  /** Edits that were not sent when the project was closed. */
  | 'closed'
  /** An edit larger than a message. */
  | 'too-large'
  /** An edit beyond what is kept for the server. */
  | 'queue-full'
  /** The browser stores nothing: edits go out as without `wsPersist`. */
  | 'not-persisted'
  /** The server was asked too much; what matters is sent again after the time that it names. */
  | 'too-much'
  /** Anything else that the server refuses. */
  | 'server-error'
  /** The library failed; only loading the page again helps. */
  | 'page-broken';

export interface ProjectErrorEvent {
  code: ProjectErrorCode;
  message: string;
  /** The user's edits that are lost. */
  lost: { localRevision: string; changes: object }[];
  /** Of the server's refusal. */
  command?: string;
  cause?: unknown;
}

/** Edits of closed pages that are not sent any more. They stay stored until they are discarded. */
export interface StoredEdits {
  /** `restored`: the project was replaced since. `other-user`: what was changed is not stated. */
  reason: 'too-old' | 'other-user' | 'reset' | 'restored' | 'refused' | 'readOnly';
  edits: { localRevision: string; madeAt: number; user: string; changes?: object }[];
  discard(): Promise<unknown>;
}

export interface ReceivedRevision {
  revision: string | number;
  localRevision?: string | number;
  client?: string | number;
  userName?: string;
  conflictResolutionFor?: string | number;
  changes: object;
}

export interface WebSocketProjectEvents {
  wsOpen: object;
  wsClose: { event?: any; reason: string };
  wsError: { error: any };
  wsMessage: { data: ServerMessage };
  wsSendMessage: { command: string; data: any };
  wsLoad: object;
  wsReceiveDataset: object;
  /** As the server sent them, own ones included; `userName` from servers that send it. */
  wsBeforeReceiveChanges: { revisions: ReceivedRevision[] };
  wsReceiveChanges: { revisions: ReceivedRevision[] };
  wsSendChanges: { revisions: object[] };
  revisionQueued: { length: number };
  revisionQueueClear: object;
  /** Without `retryInMs` an offline project stays so. */
  wsStateChange: { state: WebSocketState; reason?: string; retryInMs?: number };
  /** Revisions that the server has not answered. */
  wsPending: { count: number };
  wsReadOnlyChange: { readOnly: boolean };
  wsStoredEdits: StoredEdits;
  error: ProjectErrorEvent;
}

/** What the mixin adds to a project. */
export interface WebSocketProject extends Required<WebSocketProjectConfig> {
  readonly websocketManager: WebSocketManager | null;
  readonly wsState: WebSocketState;
  /** The last revision that the page was given; null before the first dataset. */
  readonly wsRevision: number | null;
  readonly wsPendingCount: number;
  readonly wsReadOnly: boolean;
  /** @returns whether the message went out */
  wsSend(command: string, data?: object, silent?: boolean): Promise<boolean>;
  wsOpen(): Promise<boolean>;
  /** Closes the connection until it is opened again. Edits are kept. */
  wsClose(): void;
  /** @returns whether the page shows the project */
  wsLoad(): Promise<boolean>;
  /** Forgets what was not answered, stored edits of this page included. The page shows it until it loads again. */
  wsDiscardEdits(): void;
  /** Puts the project back to its first state, for all users. */
  wsReset(): Promise<boolean>;
}

type Constructor = abstract new (...options: any[]) => any;

/** A class with what a mixin adds. Its instances stay instances of the library's class. */
export type With<Target extends Constructor, Added> = Target & (new (...options: any[]) => InstanceType<Target> & Added);

export interface LoginWidget {
  project: any;
  /** Address of the server, or a function that makes one: then there is nothing to type. */
  host: Address;
  /** The project that is opened after the login; 1 by default. */
  projectId: string | number;
  askPassword: boolean;
  readonly loggedIn: boolean;
  login(): Promise<void>;
  logout(): void;
}

export interface UsersContainer {
  project: any;
  readonly users: string[];
  /** Folder of `<first name in lower case>.png`, for names that the library has pictures of. */
  imageFolder: string | null;
}

export interface AutoSyncControl {
  project: any;
}

export interface WebSocketHelper {
  readonly client: any;
  project: any;
  setConnectedState(connected: boolean): void;
  setReadOnly(readOnly: boolean): void;
  destroy(): void;
}

export interface WebSocketHelperClass {
  /**
   * @param client the view, such as a Gantt
   * @param host becomes the project's address when it has none
   * @param options `mask: false` leaves the view usable while offline
   */
  new (client: any, host?: Address, options?: { mask?: boolean }): WebSocketHelper;
}

export interface BryntumSync<Library extends BryntumLibrary = BryntumLibrary> {
  WebSocketManager: WebSocketManagerClass;
  ProjectWebSocketHandlerMixin: <Target extends Constructor>(Target: Target) => With<Target, WebSocketProject>;
  WebSocketProjectModel: With<Library['ProjectModel'], WebSocketProject>;
  ProjectWebSocketSubscriberMixin: <Target extends Constructor>(
    Target: Target
  ) => With<Target, { loggedIn: boolean; project: any }>;
  /** `type: 'loginwidget'` */
  LoginWidget: new (config?: object) => LoginWidget & Record<string, any>;
  /** `type: 'userscontainer'` */
  UsersContainer: new (config?: object) => UsersContainer & Record<string, any>;
  /** `type: 'autosynccontrol'` */
  AutoSyncControl: new (config?: object) => AutoSyncControl & Record<string, any>;
  WebSocketHelper: WebSocketHelperClass;
}

/**
 * Makes the classes of the realtime client from the page's own library.
 * @param library the namespace of Gantt or Scheduler Pro (`import * as bryntum from …`); for thin bundles the namespaces
 * of all their packages, in which a later one counts before an earlier one
 */
export function createBryntumSync<Library extends BryntumLibrary>(library: Library, platform?: Platform): BryntumSync<Library>;
export function createBryntumSync(library: object[], platform?: Platform): BryntumSync;

export default createBryntumSync;
