/** Muted colours on which white text is readable; a name has the same colour on every page. */
const COLOURS = [
  '#4f6bed', '#0f8a7e', '#b4509a', '#c2681c', '#7b5fd0', '#2f7fb8', '#a3473f', '#5b7a1f', '#8a5a2b', '#36658f'
];

const FIRST = ['Curious', 'Patient', 'Bright', 'Gentle', 'Swift', 'Calm', 'Merry', 'Clever', 'Kind', 'Brave'];
const SECOND = ['Otter', 'Heron', 'Maple', 'Falcon', 'Willow', 'Badger', 'Robin', 'Cedar', 'Lynx', 'Wren'];

/** @param {string} name */
export function colourOf(name) {
  let hash = 0;

  for (const character of name) {
    hash = (hash * 31 + character.codePointAt(0)) >>> 0;
  }
  return COLOURS[hash % COLOURS.length];
}

/** @param {string} name */
export function initialsOf(name) {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];

  return letters.map(word => [...word][0] ?? '?').join('').toUpperCase();
}

/** A friendly name for a user who enters none. */
export function randomName() {
  const pick = list => list[Math.floor(Math.random() * list.length)];

  return `${pick(FIRST)} ${pick(SECOND)}`;
}
