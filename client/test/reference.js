// Generates the API reference of the README from the declarations. `--write` updates it; a test compares.
import { readFileSync, writeFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const readme = new URL('README.md', root);
const MARKS = ['<!-- reference -->', '<!-- /reference -->'];

/** The declarations of each chapter, in reading order. */
const CHAPTERS = [
  ['`serverless-sync-client`', ['shared-project', 'sync-client', 'record-store', 'change-set', 'negotiate', 'emitter']],
  ['`serverless-sync-client/bryntum`', ['bryntum/index']]
];

const declarationsOf = file =>
  readFileSync(new URL(`${file}.d.ts`, root), 'utf8')
    .split('\n')
    .filter(line => !/^(import|export) .*from '/.test(line) && !/^export default/.test(line))
    .join('\n')
    .trim();

/** The README with the generated reference. */
export function withReference(text) {
  const [start, end] = MARKS.map(mark => text.indexOf(mark));
  const chapters = CHAPTERS.map(
    ([title, files]) => `### ${title}\n\n${files.map(file => `\`\`\`ts\n${declarationsOf(file)}\n\`\`\``).join('\n\n')}`
  );

  return `${text.slice(0, start + MARKS[0].length)}\n\n${chapters.join('\n\n')}\n\n${text.slice(end)}`;
}

export const readReadme = () => readFileSync(readme, 'utf8');

if (process.argv.includes('--write')) {
  writeFileSync(readme, withReference(readReadme()));
}
