import type { Address } from '../negotiate.js';

export { RefusedError, negotiate } from '../negotiate.js';
export type { Address, NegotiateOptions } from '../negotiate.js';

/** The part of the library that is used: the namespace of Gantt or Scheduler Pro contains all of it. */
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
  /** The target whose `online`, `offline`, `visibilitychange` and `beforeunload` events are observed; null for none. */
  environment?: object | null;
  storage?: { indexedDB?: any; locks?: any; now?: () => number };
}

export type WebSocketState = 'idle' | 'connecting' | 'online' | 'offline';

/** A message on the wire. A refusal has `error`. */
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
  /** URL, or a function that returns one for every connection. Changing the server discards unsent edits. */
  wsAddress?: Address | null;
  /** With a name, the project logs in by itself on every connection. */
  wsUserName?: string;
  wsPassword?: string;
  /** Loads as soon as address and project are known. Default true. */
  wsAutoLoad?: boolean;
  /** Milliseconds to wait for a dataset. Default 60,000. */
  wsConnectionTimeout?: number;
  /** Compared strictly with the server's value: `1` is not `'1'`. */
  wsProjectId?: string | number | null;
  /** Reopens a lost connection. Default true. */
  wsReconnect?: boolean;
  /** Lets the browser ask before a page with unacknowledged edits is left. Default true. */
  wsConfirmLeave?: boolean;
  /** Shows the server's refusals. Default true. */
  wsShowToasts?: boolean;
  /**
   * Stores unacknowledged edits in the browser (IndexedDB, Web Locks), so that they outlive the page. Default false.
   */
  wsPersist?: boolean;
}

export type ProjectErrorCode =
  /** The server refuses the login. It is not retried. */
  | 'login-refused'
  /** The project does not exist, or this user has no access. It is not requested again. */
  | 'project-refused'
  /** The dataset is not available now. */
  | 'dataset-refused'
  /** Edits that the server refused. */
  | 'change-refused'
  /** Edits of a user with read-only access. */
  | 'read-only'
  /** Edits made before a reset or a restore. */
  | 'reset'
  /** Edits that were not sent when the project was closed. */
  | 'closed'
  /** An edit that exceeds the size of a message. */
  | 'too-large'
  /** An edit beyond the limit of unacknowledged edits. */
  | 'queue-full'
  /** The browser cannot store edits; they are sent as without `wsPersist`. */
  | 'not-persisted'
  /** A rate limit was exceeded. Edits and requests are sent again after the time that the server states. */
  | 'too-much'
  /** Any other refusal by the server. */
  | 'server-error'
  /** The library failed; only reloading the page helps. */
  | 'page-broken';

export interface ProjectErrorEvent {
  code: ProjectErrorCode;
  message: string;
  /** The user's edits that are lost. */
  lost: { localRevision: string; changes: object }[];
  /** From the server's refusal. */
  command?: string;
  cause?: unknown;
}

/** Edits of closed pages that can no longer be sent. They stay stored until they are discarded. */
export interface StoredEdits {
  /** `restored`: the project was replaced by a restore. `other-user`: the changes of another user are not revealed. */
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
  /** As sent by the server, own revisions included; `userName` from servers that send it. */
  wsBeforeReceiveChanges: { revisions: ReceivedRevision[] };
  wsReceiveChanges: { revisions: ReceivedRevision[] };
  wsSendChanges: { revisions: object[] };
  revisionQueued: { length: number };
  revisionQueueClear: object;
  /** Without `retryInMs`, the project stays offline. */
  wsStateChange: { state: WebSocketState; reason?: string; retryInMs?: number };
  /** Revisions that the server has not acknowledged. */
  wsPending: { count: number };
  wsReadOnlyChange: { readOnly: boolean };
  wsStoredEdits: StoredEdits;
  error: ProjectErrorEvent;
}

/** The members that the mixin adds to a project. */
export interface WebSocketProject extends Required<WebSocketProjectConfig> {
  readonly websocketManager: WebSocketManager | null;
  readonly wsState: WebSocketState;
  /** The last revision that the page received; null before the first dataset. */
  readonly wsRevision: number | null;
  readonly wsPendingCount: number;
  readonly wsReadOnly: boolean;
  /** @returns whether the message was sent */
  wsSend(command: string, data?: object, silent?: boolean): Promise<boolean>;
  wsOpen(): Promise<boolean>;
  /** Closes the connection until it is opened again. Edits are kept. */
  wsClose(): void;
  /** @returns whether the page shows the project */
  wsLoad(): Promise<boolean>;
  /**
   * Discards unacknowledged edits, stored ones of this page included. The page shows them until it reloads the project.
   */
  wsDiscardEdits(): void;
  /** Resets the project to its initial state, for all users. */
  wsReset(): Promise<boolean>;
}

type Constructor = abstract new (...options: any[]) => any;

/** A class with the members of a mixin. Its instances remain instances of the library's class. */
export type With<Target extends Constructor, Added> = Target & (new (...options: any[]) => InstanceType<Target> & Added);

export interface LoginWidget {
  project: any;
  /** The server's address, or a function that returns one; the user then need not enter it. */
  host: Address;
  /** The project to open after the login. Default 1. */
  projectId: string | number;
  askPassword: boolean;
  readonly loggedIn: boolean;
  login(): Promise<void>;
  logout(): void;
}

export interface UsersContainer {
  project: any;
  readonly users: string[];
  /** The folder of `<first name in lower case>.png`, for names of which the library has pictures. */
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
   * @param host the project's address, unless it has one
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
 * Creates the classes of the realtime client from the page's own library.
 * @param library the namespace of Gantt or Scheduler Pro (`import * as bryntum from …`); for thin bundles, the
 * namespaces of all their packages, where later ones take precedence
 */
export function createBryntumSync<Library extends BryntumLibrary>(library: Library, platform?: Platform): BryntumSync<Library>;
export function createBryntumSync(library: object[], platform?: Platform): BryntumSync;

export default createBryntumSync;
