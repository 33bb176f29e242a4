/** Listeners by event name. `Events` maps the name of an event to its payload. */
export class Emitter<Events extends object> {
  /** @returns a function that removes the listener */
  on<Type extends keyof Events>(type: Type, listener: (payload: Events[Type]) => void): () => void;
  emit<Type extends keyof Events>(type: Type, payload: Events[Type]): void;
  /** Removes all listeners. */
  clear(): void;
}
