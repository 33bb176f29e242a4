/**
 * Observes what a browser page knows about its network and its user.
 * @param {any} environment a window; null where there is none
 * @param {{ online: () => void, offline: () => void, visible: (hiddenMs: number) => void, unsaved: () => boolean }} handlers
 * `unsaved` tells whether the browser should ask before the page is left
 * @param {() => number} now
 * @returns {() => void} a function that stops observing
 */
export function listenToPage(environment, { online, offline, visible, unsaved }, now) {
  if (!environment?.addEventListener) {
    return () => {};
  }

  const { document } = environment;
  let hiddenSince = null;
  const visibility = () => {
    if (document.visibilityState === 'hidden') {
      hiddenSince = now();
      return;
    }

    visible(hiddenSince === null ? 0 : now() - hiddenSince);
    hiddenSince = null;
  };
  const beforeUnload = event => {
    if (unsaved()) {
      event.preventDefault();
      // Needed by browsers from before 2024.
      event.returnValue = true;
    }
  };

  environment.addEventListener('online', online);
  environment.addEventListener('offline', offline);
  environment.addEventListener('beforeunload', beforeUnload);
  document?.addEventListener('visibilitychange', visibility);

  return () => {
    environment.removeEventListener('online', online);
    environment.removeEventListener('offline', offline);
    environment.removeEventListener('beforeunload', beforeUnload);
    document?.removeEventListener('visibilitychange', visibility);
  };
}
