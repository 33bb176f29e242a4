/** Listeners by name. `Events` maps the name of an event to its payload. */
export class Emitter<Events extends object> {
  /** @returns stops listening */
  on<Type extends keyof Events>(type: Type, listener: (payload: Events[Type]) => void): () => void;
  emit<Type extends keyof Events>(type: Type, payload: Events[Type]): void;
  /** Forgets all listeners. */
  clear(): void;
}
