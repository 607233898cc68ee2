/** The planner's account of why a crash state is legal; `powercut verify` proves it by rules of its own. */
import type { CertifiedLog, Certificate, LegalityRule, Span, WriteClaim } from '../certificate.ts';
import { isFlush, isFuaWrite, isMark } from '../dmlog/entry-role.ts';
import type { LogIndex } from '../dmlog/log-index.ts';
import { logAssumptionOf } from './assumption.ts';
import type { CrashState } from './crash-state.ts';
import { ioErrorBefore } from './io-error.ts';
import { openBarrier } from './legal-state.ts';
import { lostWrites } from './lost-writes.ts';
import { formatCrashState } from './state-id.ts';

/** As long as the state's id, not as the log: equal claims are one. @param state a legal one, without a flipped bit: no log proves that */
export function certificateOf(index: LogIndex, log: Omit<CertifiedLog, 'entries'>, state: CrashState): Certificate {
  const { crashPoint, lyingFrom } = state;
  const cut = openBarrier(index, state);
  const ioErrorFrom = ioErrorBefore(index, state);
  return {
    formatVersion: 1,
    state: formatCrashState(state),
    log: { ...log, entries: index.entryCount },
    ...(crashPoint !== undefined && { crashPoint }),
    ...(lyingFrom !== undefined && { lyingFrom }),
    ...(ioErrorFrom !== undefined && { ioErrorFrom }),
    ...(cut < index.entryCount && { cutBefore: cut }),
    assumption: logAssumptionOf(index, state),
    writes: new ClaimMaker(index, state, cut).claims(),
  };
}

type Claim = Omit<WriteClaim, 'entries'>;

class ClaimMaker {
  readonly #index: LogIndex;
  readonly #state: CrashState;
  /** The first barrier that had not completed. */
  readonly #cut: number;
  /** The last flush that was honest and done; -1 for none. */
  readonly #honest: number;
  /** The last flush that lied; -1 for none. */
  readonly #lie: number;
  /** The first flush that was still to come. */
  readonly #coming: number | undefined;
  readonly #parts: Map<number, readonly Span[] | undefined>;
  readonly #lost: Set<number>;
  readonly #kept: Set<number>;

  constructor(index: LogIndex, state: CrashState, cut: number) {
    this.#index = index;
    this.#state = state;
    this.#cut = cut;
    this.#honest = this.#lastFlushBefore(state.lyingFrom ?? cut);
    this.#lie = state.lyingFrom === undefined ? -1 : this.#lastFlushBefore(cut);
    this.#coming = this.#firstFlushFrom(cut);
    this.#lost = new Set(lostWrites(index, state));
    this.#kept = new Set(state.keptDiscards);
    const spans = (state.survivors ?? []).map(
      ({ entry, sectors }) => [entry, sectors?.map(({ first, last }): Span => [first, last])] as const,
    );
    this.#parts = new Map(spans);
  }

  claims(): WriteClaim[] {
    const claims = new Map<string, Claim & { entries: [number, number][] }>();
    let before: unknown;
    for (let entry = 0; entry < this.#index.entryCount; entry++) {
      if (isMark(this.#index.flags[entry]!) || this.#index.sectorCounts[entry] === 0) continue;
      const claim = this.#claimOn(entry);
      const key = JSON.stringify(claim);
      const known = claims.get(key);
      // What lies between two writes that follow each other is no write.
      if (known && known === before) known.entries.at(-1)![1] = entry;
      else if (known) known.entries.push([entry, entry]);
      else claims.set(key, { entries: [[entry, entry]], ...claim });
      before = claims.get(key);
    }
    return [...claims.values()];
  }

  #claimOn(entry: number): Claim {
    const [rule, barrier] = this.#ruleFor(entry);
    return { ...this.#diskAt(entry), rule, ...(barrier !== undefined && { barrier }) };
  }

  #diskAt(entry: number): Pick<Claim, 'disk' | 'sectors'> {
    const sectors = this.#parts.get(entry);
    if (sectors) return { disk: 'torn', sectors };
    const written = entry <= (this.#state.crashPoint ?? -1) && !this.#lost.has(entry) && !this.#kept.has(entry);
    return { disk: written || this.#parts.has(entry) ? 'present' : 'absent' };
  }

  #ruleFor(entry: number): [LegalityRule, (number | undefined)?] {
    const isFua = isFuaWrite(this.#index.flags[entry]!, this.#index.sectorCounts[entry]!);
    if (this.#kept.has(entry)) return ['discard-undefined'];
    if (entry < this.#honest) return ['covered-by-flush', this.#honest];
    if (isFua && entry < this.#cut) return ['fua'];
    if (isFua && entry === this.#cut) return ['in-flight', entry];
    if (entry >= this.#cut) return ['behind-barrier', this.#cut];
    return this.#lost.has(entry) ? ['lying-flush', this.#lie] : ['in-flight', this.#coming];
  }

  #lastFlushBefore(end: number): number {
    let entry = Math.min(end, this.#index.entryCount) - 1;
    while (entry >= 0 && !isFlush(this.#index.flags[entry]!)) entry--;
    return entry;
  }

  #firstFlushFrom(start: number): number | undefined {
    for (let entry = start; entry < this.#index.entryCount; entry++) {
      if (isFlush(this.#index.flags[entry]!)) return entry;
    }
    return undefined;
  }
}
