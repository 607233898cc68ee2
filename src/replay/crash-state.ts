import { UsageError } from '../errors.ts';
import { entryIndex, type EntryIndex } from '../units.ts';

/**
 * One possible disk content: base image, then every entry up to and including the crash point. `crashPoint` undefined is
 * the disk before the log's first entry (`base`). Survivors (plain writes after the crash point that reached the disk all
 * the same) belong to strategies that look between the barriers and extend this type.
 */
export interface CrashState {
  readonly crashPoint: EntryIndex | undefined;
}

/** `base` or `p347`: canonical, so that equal states have equal text. */
export function formatCrashState(state: CrashState): string {
  return state.crashPoint === undefined ? 'base' : `p${state.crashPoint}`;
}

/** @throws UsageError when the text is no state id. */
export function parseCrashState(text: string): CrashState {
  if (text === 'base') return { crashPoint: undefined };
  const match = /^p(0|[1-9]\d{0,14})$/.exec(text);
  if (!match) throw new UsageError(`"${text}" is no crash state: expected "base" or "p<entry>", for example "p347"`);
  return { crashPoint: entryIndex(Number(match[1])) };
}
