/** What came out against what was predicted; the tables and commands of docs/calibration.md, out of results.json. */
import { RECORDINGS, wordsOf } from './catalogue.mjs';
import { STORES } from './stores.mjs';

const NOT_RUN = 'not run';

/** @param row one of RECORDINGS @param found its result */
export const isAsPredicted = ({ predicted }, found) => agree(predicted, found);

/**
 * The same, but for a row that comes out otherwise for a reason that is known.
 *
 * @param {Pick<import('./catalogue.mjs').Row, 'predicted' | 'differs'>} row
 */
export const isAsKnown = ({ predicted, differs }, found) => agree(differs?.as ?? predicted, found);

function agree(predicted, found) {
  const classes = Object.keys(found.classes);
  if (found.unknown > 0 || found.tested === 0) return false;
  if (predicted === 'ok') return classes.length === 0;
  const allowed = [...predicted.must, ...(predicted.may ?? [])];
  if (!predicted.must.every((name) => classes.includes(name)) || !classes.every((name) => allowed.includes(name))) {
    return false;
  }
  return predicted.losesAtMost === undefined || Object.keys(found.whenSpared).length === 0;
}

/** Such as "lost in 30, corrupt in 2 of 58 states"; "ok, 58 states". */
export function describeFound({ classes, tested, unknown }) {
  const said = Object.entries(classes).map(([name, states]) => `${name} in ${states}`);
  if (unknown > 0) said.push(`${unknown} unknown`);
  return said.length === 0 ? `ok, ${tested} states` : `${said.join(', ')} of ${tested} states`;
}

/** As GitHub makes them of headings. */
export const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-');

function describePrediction(predicted) {
  if (predicted === 'ok') return 'ok';
  const { must, may = [], losesAtMost } = predicted;
  const rest = may.filter((name) => !must.includes(name));
  const words = [must.join(', '), losesAtMost && `at most the last`, rest.length > 0 && `may be ${rest.join(', ')}`];
  return words.filter(Boolean).join('; ');
}

/** @returns the page with what stands between its markers made anew */
export function withTables(page, results) {
  return Object.entries({ results: resultTables(results), commands: commands() }).reduce(
    (text, [name, made]) =>
      text.replace(
        new RegExp(`(<!-- ${name} -->\n).*?(<!-- /${name} -->)`, 's'),
        (_, start, end) => `${start}\n${made}\n\n${end}`,
      ),
    page,
  );
}

function resultTables(results) {
  const rows = RECORDINGS.map((row) => {
    const found = results[row.key];
    const came = found === undefined ? NOT_RUN : describeFound(found);
    const note =
      found === undefined || isAsPredicted(row, found) ? '' : ` ([why](#${anchorOf(row.differs?.because ?? '')}))`;
    return [`\`${row.id}\``, row.settings, row.fs, describePrediction(row.predicted), came + note];
  });
  return table(['row', 'settings', 'file system', 'predicted', 'found'], rows);
}

function commands() {
  const ids = [...new Set(RECORDINGS.map(({ store }) => store))].map((store) => {
    const lines = RECORDINGS.filter((row) => row.store === store).map((row) => `# ${row.key}\n${commandOf(row)}`);
    return `### ${STORES[store].title}\n\n\`\`\`sh\n${lines.join('\n')}\n\`\`\``;
  });
  return ids.join('\n\n');
}

/** @returns what to paste into a shell, in the project's folder */
export function commandOf(row) {
  return ['npx powercut replay', ...wordsOf(row).map((word) => (/[\s{]/.test(word) ? `'${word}'` : word))].join(' ');
}

function table(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((each) => each[i].length)));
  const line = (cells) => `| ${cells.map((text, i) => text.padEnd(widths[i])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
