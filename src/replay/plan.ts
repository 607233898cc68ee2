/**
 * The crash plan: the states that the strategies propose, in log order, without those that need not or must not be tried:
 * states before the store said `ready`, states with a block of unknown content, and states that equal an earlier one byte
 * for byte with the same acknowledgements.
 */
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { LogIndex } from '../dmlog/log-index.ts';
import { acknowledgedCount, isReady, type Acknowledgements } from './acknowledged.ts';
import { formatCrashState, type CrashState } from './crash-state.ts';
import { Fingerprint } from './fingerprint.ts';
import { isDoubtful, type Settlement } from './inversion.ts';
import { RollingImage } from './rolling-image.ts';
import type { Strategy } from './strategies/strategy.ts';

export interface PlannedState {
  /** Position in the plan, from 0. */
  readonly order: number;
  readonly state: string;
  readonly crashPoint: number | undefined;
  /** How many acknowledgements count, from the first. */
  readonly ackCount: number;
  /** Later states that are the same to the last byte and acknowledgement; one run settles them all. */
  readonly twins: number;
}

export interface CrashPlan {
  /** States to try, each once. */
  readonly states: readonly PlannedState[];
  /** All states that the strategies propose and that the store is held to. */
  readonly planned: number;
  /** Left out since the store had not said `ready` (not counted as planned). */
  readonly beforeReady: number;
  /** Left out since a block's content is unknown (inversion). */
  readonly skipped: number;
}

export interface PlanRequest {
  readonly index: LogIndex;
  readonly acknowledgements: Acknowledgements;
  readonly settlement: Settlement;
  readonly strategies: readonly Strategy[];
  readonly base: string;
  readonly log: string;
  /** Hold the store to the states before it said `ready` too. */
  readonly fromStart: boolean;
}

/** @param scratch a folder for one image, which is removed by the caller */
export function makePlan(request: PlanRequest, scratch: string): CrashPlan {
  const { index, acknowledgements, settlement, fromStart } = request;
  const states: { -readonly [Key in keyof PlannedState]: PlannedState[Key] }[] = [];
  const known = new Map<string, number>();
  let planned = 0;
  let beforeReady = 0;
  let skipped = 0;
  withFingerprints(request, scratch, (fingerprintAt) => {
    for (const state of propose(request.strategies, index)) {
      if (!fromStart && !isReady(index, acknowledgements, state)) {
        beforeReady++;
        continue;
      }
      planned++;
      if (isDoubtful(settlement.doubts, state.crashPoint)) {
        skipped++;
        continue;
      }
      const ackCount = acknowledgedCount(index, acknowledgements, state);
      const key = `${ackCount}:${fingerprintAt(state.crashPoint)}`;
      const twin = known.get(key);
      if (twin !== undefined) {
        states[twin]!.twins++;
        continue;
      }
      const order = states.length;
      known.set(key, order);
      states.push({ order, state: formatCrashState(state), crashPoint: state.crashPoint, ackCount, twins: 0 });
    }
  });
  return { states, planned, beforeReady, skipped };
}

/** The strategies' proposals in log order, each state once. */
function propose(strategies: readonly Strategy[], index: LogIndex): CrashState[] {
  const byId = new Map<string, CrashState>();
  for (const strategy of strategies) {
    for (const state of strategy.propose(index)) byId.set(formatCrashState(state), state);
  }
  return [...byId.values()].sort((a, b) => (a.crashPoint ?? -1) - (b.crashPoint ?? -1));
}

function withFingerprints(
  request: PlanRequest,
  scratch: string,
  body: (fingerprintAt: (crashPoint: number | undefined) => string) => void,
): void {
  const { base, log, index, settlement } = request;
  const baseFd = openSync(base, 'r');
  let fingerprint: Fingerprint | undefined;
  const sources = { base, log, index, corrections: settlement.corrections };
  const image = new RollingImage(sources, join(scratch, 'plan.img'), (at, bytes) => fingerprint?.touch(at, bytes));
  try {
    const current = new Fingerprint(image.fd, baseFd);
    fingerprint = current;
    body((crashPoint) => {
      image.rollTo(crashPoint);
      return current.value();
    });
  } finally {
    image.close();
    closeSync(baseFd);
  }
}
