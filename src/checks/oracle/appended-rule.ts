/**
 * A key that is appended to: judged by search, in steps from strict to lenient, so that what is wrong gets a name. All
 * that was acknowledged is there; or all that had to survive; or an unbroken beginning; or some with gaps between them; or
 * nothing explains it.
 */
import { strangeValue, type Invention } from './invention.ts';
import type { KeyReading } from './key-reading.ts';
import { explain, type Explanation } from './linearizability.ts';
import type { Moment } from './moment.ts';
import type { StepPurse } from './step-purse.ts';
import { textModel } from './text-model.ts';
import type { KeyOperation, Timeline } from './timeline.ts';
import { foundText, named } from './words.ts';

export interface AppendedQuestion {
  readonly timeline: Timeline;
  readonly found: string | undefined;
  readonly moment: Moment;
  readonly purse: StepPurse;
}

export function readAppended(
  timeline: Timeline,
  found: string | undefined,
  moment: Moment,
  purse: StepPurse,
): KeyReading {
  const question = { timeline, found, moment, purse };
  const demands: ((part: KeyOperation) => boolean)[] = [
    ({ operation }) => moment.isAcknowledged(operation),
    // What may have to survive is settled by its age, later.
    ({ operation }) => moment.mustSurvive(operation) === true,
    () => false,
  ];
  for (const isRequired of demands) {
    const explanation = search(question, isRequired);
    if (explanation.kind === 'unknown') return tooMuch(question);
    if (explanation.kind === 'explained') return explained(question, explanation.order);
  }
  const withGaps = search(question, () => false, { gapsAllowed: true });
  if (withGaps.kind === 'explained') return gapReading(question, withGaps.order);
  // That something is wrong is certain here; only its name may lack.
  return { timeline, found, goneUpTo: () => [], invention: inventionIn(question) };
}

/**
 * @param options.gapsAllowed that an operation is there asks for none before it; so it is on a disk that lied
 * @param options.without leave this one out, as if it had never been
 */
export function search(
  { timeline, found, moment, purse }: AppendedQuestion,
  isRequired: (part: KeyOperation) => boolean,
  options: { readonly gapsAllowed?: boolean; readonly without?: KeyOperation } = {},
): Explanation<KeyOperation> {
  const operations = timeline.operations.filter(
    (part) => part !== options.without && !moment.isImpossible(part.operation),
  );
  const hasResets = operations.some(({ effects }) => effects.some(({ op }) => op !== 'append'));
  return explain({
    model: textModel(found, hasResets),
    operations,
    isRequired,
    gapsAllowed: options.gapsAllowed ?? moment.diskLied,
    stepBudget: purse.left,
    onSteps: (steps) => purse.spend(steps),
  });
}

function tooMuch({ timeline, found }: AppendedQuestion): KeyReading {
  const many = `${timeline.operations.length} operations on it overlap too much to be judged within the limit`;
  return { timeline, found, goneUpTo: () => [], unknown: `${foundText(timeline.key, found)}: ${many}` };
}

function explained({ timeline, found }: AppendedQuestion, order: readonly KeyOperation[]): KeyReading {
  const there = new Set(order);
  const goneUpTo = (end: number): KeyOperation[] =>
    timeline.operations.filter((part) => part.end <= end && !there.has(part));
  return { timeline, found, goneUpTo };
}

function gapReading(question: AppendedQuestion, order: readonly KeyOperation[]): KeyReading {
  const reading = explained(question, order);
  const later = order.reduce((latest, part) => (part.start > latest.start ? part : latest));
  const missing = reading.goneUpTo(later.start)[0];
  return missing ? { ...reading, gap: { missing: missing.operation, later: later.operation } } : reading;
}

function inventionIn(question: AppendedQuestion): Invention {
  const { timeline, moment } = question;
  // Nothing at all is explained by nothing having taken effect, so something is there.
  const found = question.found ?? '';
  return tornEnd(question, found) ?? strangeValue(timeline, found, moment);
}

/** The value ends in the middle of what somebody appended, or in zeros. */
function tornEnd(question: AppendedQuestion, found: string): Invention | undefined {
  const { key, operations } = question.timeline;
  const holds = foundText(key, found);
  if (found.endsWith('\0')) return { class: 'torn', message: `${holds}: zeros in the place of data` };
  for (const { operation, effects } of operations) {
    for (const effect of effects) {
      if (effect.op !== 'append' || !endsInsideOf(question, found, effect.value)) continue;
      return { class: 'torn', message: `${holds}: it ends with part of what ${named(operation, key)} wrote` };
    }
  }
  return undefined;
}

function endsInsideOf(question: AppendedQuestion, found: string, value: string): boolean {
  for (let length = Math.min(value.length - 1, found.length); length > 0; length--) {
    if (!found.endsWith(value.slice(0, length))) continue;
    const rest = found.slice(0, -length);
    if (rest === '' || search({ ...question, found: rest }, () => false).kind === 'explained') return true;
  }
  return false;
}
