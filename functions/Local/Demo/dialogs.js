import { formatDate } from './dates.js';
import { colourOf, initialsOf } from './people.js';
import { element } from './text.js';
import { parseDate } from './values.js';

/**
 * Asks a question.
 * @param {{ title: string, text: string, action: string, danger?: boolean, testId: string }} question
 * @returns {Promise<boolean>}
 */
export function confirmDialog({ title, text, action, danger = false, testId }) {
  return show(
    element('form', { method: 'dialog', class: 'dialog-body' }, element('h2', { text: title }), element('p', { text }), buttons({ action, danger })),
    testId
  ).then(answer => answer === 'ok');
}

/**
 * Asks for a name.
 * @param {string} suggestion
 * @returns {Promise<string>}
 */
export async function nameDialog(suggestion) {
  const input = element('input', {
    id: 'your-name',
    value: suggestion,
    maxlength: 60,
    required: true,
    autocomplete: 'name',
    'data-testid': 'name-input'
  });
  const form = element(
    'form',
    { method: 'dialog', class: 'dialog-body' },
    element('h2', { text: 'What is your name?' }),
    element('p', { text: 'Other users of this project see it next to your changes.' }),
    element('label', { class: 'field', for: 'your-name' }, element('span', { text: 'Name' }), input),
    element('div', { class: 'dialog-actions' }, submit('Join', false))
  );
  const shown = show(form, 'name-dialog');

  input.select();
  await shown;
  return input.value.trim() || suggestion;
}

/**
 * Edits a task. Returns only the fields that the user touched, so that other users' edits of the rest survive.
 * @param {{ task: object, days: number, isParent: boolean, isNew: boolean, resources: object[], assigned: (string | number)[] }} model
 * @returns {Promise<{ action: 'save' | 'delete' | 'cancel', edit: object }>}
 */
export async function taskDialog({ task, days, isParent, isNew, resources, assigned }) {
  const date = text => (text ? formatDate(parseDate(text)).slice(0, 10) : '');
  const name = element('input', { id: 'task-name', value: task.name, maxlength: 200, required: true, 'data-testid': 'task-name' });
  const start = element('input', { id: 'task-start', type: 'date', value: date(task.startDate), required: true, 'data-testid': 'task-start' });
  const duration = element('input', { id: 'task-days', type: 'number', min: 0, max: 2000, step: 'any', value: days, 'data-testid': 'task-days' });
  const done = element('input', { id: 'task-progress', type: 'range', min: 0, max: 100, step: 5, value: Math.round(task.percentDone), 'data-testid': 'task-progress' });
  const doneText = element('output', { for: 'task-progress', text: `${done.value} %` });
  const chips = resources.map(resource => {
    const box = element('input', { type: 'checkbox', checked: assigned.includes(resource.id) });

    return {
      id: resource.id,
      box,
      node: element(
        'label',
        { class: 'chip', title: resource.role },
        box,
        element('span', { class: 'avatar small', text: initialsOf(resource.name), '--avatar': colourOf(resource.name) }),
        element('span', { text: resource.name })
      )
    };
  });

  done.addEventListener('input', () => (doneText.textContent = `${done.value} %`));

  const schedule = isParent
    ? element('p', { class: 'hint', text: 'Dates and progress of a summary follow from its tasks.' })
    : element(
        'div',
        { class: 'row' },
        field('Start', start),
        field('Working days', duration),
        element('label', { class: 'field wide', for: 'task-progress' }, element('span', {}, 'Progress ', doneText), done)
      );
  const form = element(
    'form',
    { method: 'dialog', class: 'dialog-body' },
    element('h2', { text: isParent ? 'Summary' : isNew ? 'New task' : 'Task' }),
    field('Name', name),
    schedule,
    resources.length > 0
      ? element('fieldset', { class: 'chips' }, element('legend', { text: 'People' }), ...chips.map(({ node }) => node))
      : '',
    buttons({ action: 'Save', other: 'Delete' })
  );
  const initial = { name: name.value, start: start.value, days: duration.value, done: done.value };
  const shown = show(form, 'task-dialog');

  name.select();

  const answer = await shown;
  const picked = chips.filter(({ box }) => box.checked).map(({ id }) => id);
  const edit = {};

  if (name.value !== initial.name) {
    edit.name = name.value.trim() || initial.name;
  }

  if (!isParent) {
    if (start.value !== initial.start && start.value) {
      edit.start = parseDate(start.value);
    }

    if (duration.value !== initial.days && duration.value !== '') {
      edit.days = Math.max(0, Number(duration.value));
    }

    if (done.value !== initial.done) {
      edit.percentDone = Number(done.value);
    }
  }

  if (picked.length !== assigned.length || picked.some(id => !assigned.includes(id))) {
    edit.resources = picked;
  }

  return { action: answer === 'ok' ? 'save' : answer === 'other' ? 'delete' : 'cancel', edit };
}

function field(label, input) {
  return element('label', { class: 'field', for: input.id }, element('span', { text: label }), input);
}

function submit(text, danger) {
  return element('button', { class: `button ${danger ? 'danger' : 'primary'}`, value: 'ok', text, 'data-testid': 'dialog-ok' });
}

function buttons({ action, danger = false, other }) {
  // Enter presses the first submit button of a form, so harmless buttons do not submit by default.
  return element(
    'div',
    { class: 'dialog-actions' },
    other
      ? element('button', { type: 'button', class: 'button quiet danger-text', 'data-answer': 'other', text: other, 'data-testid': 'dialog-other' })
      : '',
    element('span', { class: 'spacer' }),
    element('button', { type: 'button', class: 'button quiet', 'data-answer': 'cancel', text: 'Cancel', 'data-testid': 'dialog-cancel' }),
    submit(action, danger)
  );
}

/** @returns {Promise<string>} the value of the button pressed; empty when dismissed */
function show(form, testId) {
  const dialog = element('dialog', { 'data-testid': testId }, form);

  form.querySelectorAll('[data-answer]').forEach(button => button.addEventListener('click', () => dialog.close(button.dataset.answer)));
  document.body.append(dialog);
  dialog.showModal();

  return new Promise(resolve => {
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue);
    });
  });
}
