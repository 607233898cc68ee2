/** A crash state in words: what is on the disk, what is not, and by which rule of a power cut. */
import type { Certificate, LegalityRule, Span, WriteClaim } from '../certificate.ts';

const RULES: Readonly<Record<LegalityRule, (barrier: string) => string>> = {
  'covered-by-flush': (barrier) => `the flush at ${barrier} had completed`,
  fua: () => 'a FUA write that had completed',
  'in-flight': (barrier) => `on the way: the barrier at ${barrier} had not completed`,
  'behind-barrier': (barrier) => `behind the barrier at ${barrier}, which had not completed`,
  'discard-undefined': () => 'a discard promises nothing about what is read afterwards',
  'lying-flush': (barrier) => `the flush at ${barrier} was reported done and was not`,
};

/** One line a claim, in log order. */
export function describeState({
  state,
  crashPoint,
  cutBefore,
  ioErrorFrom,
  assumption,
  writes,
}: Certificate): string[] {
  const last = crashPoint === undefined ? 'before the first entry of the log' : `behind entry ${crashPoint}`;
  const cut =
    cutBefore === undefined ? 'the log ends before another barrier' : `before the barrier at ${cutBefore} completed`;
  return [
    `${state}: the power went ${last}, ${cut}`,
    ...(ioErrorFrom === undefined ? [] : [`writes had failed, from entry ${ioErrorFrom} of the log on`]),
    `assumes: ${assumption}`,
    ...[...writes].sort((a, b) => a.entries[0]![0] - b.entries[0]![0]).map(describeClaim),
  ];
}

function describeClaim({ entries, disk, sectors, rule, barrier }: WriteClaim): string {
  const part = sectors ? ` (its sectors ${formatSpans(sectors)})` : '';
  return `${disk.padEnd(7)}  ${formatSpans(entries)}${part}: ${RULES[rule](barrier === undefined ? "the log's end" : `${barrier}`)}`;
}

const formatSpans = (spans: readonly Span[]): string =>
  spans.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(', ');
