import { createHash } from 'node:crypto';
import type { FastForwardMode, TriedState } from '../engine/requests.ts';
import type { PlannedState } from '../replay/plan.ts';
import type { TriedPlace } from './tally.ts';
import { tryStates, type TryStatesRequest } from './try-states.ts';

const ONE_IN = 20;
const FEWEST = 16;

export interface Verified {
  readonly mode: FastForwardMode;
  /** What was compared, or why nothing is fast-forwarded; for people. */
  readonly note: string;
}

/**
 * Whether this recording's states may be tried with their journal fast-forwarded. Before any of them is, a sample is tried
 * both ways: files and verdicts must be the same. So nothing has to be taken back when they are not.
 * @param seed the same draws the same sample
 */
export async function verifyFastForward(request: TryStatesRequest, seed: number): Promise<Verified> {
  if (request.open.filesystem !== 'ext4') return off(`it is for ext4, and this is ${request.open.filesystem}`);
  const all = request.items.filter((item): item is PlannedState => item.kind === 'state');
  const items = sampleOf(all, seed);
  let forwarded = 0;
  let answered = 0;
  let difference: string | undefined;
  const onTried = ({ state }: TriedPlace, { comparison }: TriedState): void => {
    answered++;
    if (comparison?.forwarded) forwarded++;
    const found = comparison ? comparison.difference : 'its engine died';
    if (found !== undefined) difference ??= `${state}: ${found}`;
  };
  const open = { ...request.open, fastForward: 'compare' } as const;
  const goOn = (): boolean => difference === undefined && request.goOn();
  await tryStates({ ...request, open, items, goOn, onTried, duringRecovery: 0, onOpened: () => undefined });
  if (difference !== undefined) return off(`WARNING: it does not give what the kernel alone does, ${difference}`);
  if (forwarded === 0)
    return off('in none of the states that were tried for it is there a journal that it understands');
  const sample = `${answered} of ${all.length} states were tried both ways, ${forwarded} had something to apply`;
  return { mode: 'on', note: `fast-forward: ${sample}; files and verdicts were the same (seed ${seed})` };
}

const off = (why: string): Verified => ({ mode: 'off', note: `fast-forward is switched off: ${why}` });

/** One in 20 and at least 16, in the plan's order. */
export function sampleOf<State extends { readonly state: string }>(states: readonly State[], seed: number): State[] {
  const count = Math.max(FEWEST, Math.ceil(states.length / ONE_IN));
  const key = ({ state }: State): string => createHash('sha256').update(`${seed} ${state}`).digest('hex');
  const drawn = states.map((state) => ({ state, key: key(state) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const chosen = new Set(drawn.slice(0, count).map(({ state }) => state));
  return states.filter((state) => chosen.has(state));
}
