/** No strategy proposes an illegal state: the checker that shares nothing with them proves every one. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexLog } from '../../src/dmlog/log-index.ts';
import { formatCrashState } from '../../src/replay/state-id.ts';
import type { Strategy } from '../../src/replay/strategies/strategy.ts';
import { SAMPLE_LOGS, sampleBytes, sampleLog } from '../dmlog/samples.ts';
import type { LogIndex } from '../../src/dmlog/log-index.ts';
import { whyIllegal } from '../../src/replay/legal-state.ts';
import { anyLog, makeLog } from '../replay/any-log.ts';
import { everyState, PROVABLE } from '../replay/every-state.ts';
import { certify, prove, readBytes, sha256Of } from './prove.ts';

/** Of so many states at most: a long log has hundreds of thousands. They are spread over the log. */
const STATES_OF_A_SAMPLE = 150;

function refused(strategy: Strategy, value: number, index: LogIndex, bytes: Buffer, everyNth = 1): string[] {
  const log = readBytes(bytes);
  const sha256 = sha256Of(bytes);
  const reasons: string[] = [];
  let number = 0;
  for (const state of everyState(strategy, value, index)) {
    if (number++ % everyNth !== 0) continue;
    const why = prove(certify(index, sha256, state), log);
    const whyNot = whyIllegal(index, state);
    if (why !== undefined) reasons.push(`${formatCrashState(state)}: ${why}`);
    if (whyNot !== undefined) reasons.push(`${formatCrashState(state)} (--state): ${whyNot}`);
  }
  return reasons;
}

describe.each(PROVABLE)('%s', (_, strategy, value) => {
  it('proposes nothing but legal states of any log', () => {
    const proved = fc.property(anyLog, (entries) => {
      const { index, bytes } = makeLog(entries);
      expect(refused(strategy, value, index, bytes)).toEqual([]);
    });
    fc.assert(proved, { numRuns: 40 });
  });

  it.each(SAMPLE_LOGS)('proposes nothing but legal states of %s', (name) => {
    const index = indexLog(sampleLog(name));
    if (strategy.value?.obstacle(value, index.sectorBytes) !== undefined) return;
    let count = 0;
    for (const _state of everyState(strategy, value, index)) count++;
    const everyNth = Math.ceil(count / STATES_OF_A_SAMPLE);
    expect(refused(strategy, value, index, sampleBytes(name), everyNth)).toEqual([]);
  });
});
