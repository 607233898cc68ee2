/** The tables of docs/corpus.md, out of results.json. */
import { FAULTS } from './catalogue.mjs';

export const STRATEGIES = ['each-barrier', 'each-write', 'in-flight', 'torn'];
/** Run only where it has to show something: what it tries are the recoveries of `--each-barrier`. */
const DURING_RECOVERY = 'during-recovery';

/** Each is run alone on a faulty store. */
export const strategiesFor = ({ strategy }) =>
  strategy === `--${DURING_RECOVERY}` ? [...STRATEGIES, DURING_RECOVERY] : STRATEGIES;

const NOT_RUN = 'not run';

/**
 * Which strategies must not show what another one has to. `--each-write` is left out of the second row: whether it shows that of two
 * writes one is missing depends on which of them the kernel happened to write first.
 */
const HIDDEN_FROM = {
  '--each-barrier': [],
  '--in-flight': ['each-barrier'],
  '--torn': ['each-barrier', 'each-write', 'in-flight'],
  '--during-recovery': STRATEGIES,
};

/** @param {string} key a fault's name, or "STORE, sound"; then a space and the file system */
export function isAsPredicted(key, found) {
  const fault = FAULTS[key.split(' ', 1)[0]];
  const runs = Object.values(found);
  if (runs.some(({ unknown }) => unknown > 0)) return false;
  if (fault?.strategy === undefined) return runs.every(({ classes }) => classes.length === 0);
  const isHidden = HIDDEN_FROM[fault.strategy].every((strategy) => found[strategy].classes.length === 0);
  return isHidden && found[bare(fault.strategy)].classes.includes(fault.class);
}

const bare = (option) => option?.slice('--'.length);

/** @returns the page with what stands between its markers made anew */
export function withTables(page, results) {
  const between = (name, text, table) =>
    text.replace(
      new RegExp(`(<!-- ${name} -->\n).*?(<!-- /${name} -->)`, 's'),
      (_, start, end) => `${start}\n${table}\n\n${end}`,
    );
  return between('twins', between('faults', page, faultsTable(results)), twinsTable(results));
}

function faultsTable(results) {
  const rows = Object.entries(FAULTS).flatMap(([name, fault]) =>
    fault.fs.map((fs) => [`\`${name}\``, fault.says, fs, ...cells(fault, results[`${name} ${fs}`])]),
  );
  return table(['fault', 'what its author believed', 'file system', ...STRATEGIES, DURING_RECOVERY], rows);
}

function twinsTable(results) {
  const keys = Object.values(FAULTS).flatMap(({ store, fs }) => fs.map((each) => `${store}, sound ${each}`));
  const rows = [...new Set(keys)].map((key) => {
    const [store, fs] = key.split(', sound ');
    const [{ tested, classes } = { tested: NOT_RUN, classes: [] }] = Object.values(results[key] ?? {});
    return [`\`${store}\``, fs, String(tested), classes.join(', ') || '-'];
  });
  return table(['sound store', 'file system', 'crash states', 'findings'], rows);
}

/** What each strategy showed; the one that must in bold. */
function cells(fault, found) {
  return [...STRATEGIES, DURING_RECOVERY].map((strategy) => {
    if (found === undefined) return NOT_RUN;
    if (found[strategy] === undefined) return '';
    const text = found[strategy].classes.join(', ') || '-';
    return strategy === bare(fault.strategy) ? `**${text}**` : text;
  });
}

function table(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const line = (row) => `| ${row.map((text, i) => text.padEnd(widths[i])).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
