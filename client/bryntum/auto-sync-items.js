/**
 * Toolbar items that control when edits are sent: a switch, and a button that sends what waits and shows how much that is.
 * @param {any} project
 * @returns {{ autoSync: object, triggerSync: object }} for `tbar.items` of a view
 */
export function autoSyncItems(project) {
  let button = null;

  return {
    autoSync: {
      type: 'slidetoggle',
      text: 'Auto-sync',
      value: !project.isAutoSyncSuspended,
      onChange({ checked }) {
        if (checked === project.isAutoSyncSuspended) {
          project[checked ? 'resumeAutoSync' : 'suspendAutoSync']();
        }

        if (button) {
          button.hidden = checked;
        }
      }
    },
    triggerSync: {
      type: 'button',
      text: 'Sync',
      hidden: !project.isAutoSyncSuspended,
      onClick() {
        project.resumeAutoSync();
        project.suspendAutoSync();
      },
      onPaint({ source, firstPaint }) {
        if (firstPaint) {
          button = source;
          project.ion({
            revisionQueued: ({ length }) => (source.badge = length),
            revisionQueueClear: () => (source.badge = null),
            thisObj: source
          });
        }
      }
    }
  };
}
