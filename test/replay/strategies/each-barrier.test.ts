import { describe, expect, it } from 'vitest';
import { crashPoints } from '../../../src/dmlog/barrier.ts';
import { indexLog, type LogIndex } from '../../../src/dmlog/log-index.ts';
import { newEntry } from '../../../src/dmlog/new-entry.ts';
import { randomFrom } from '../../../src/random.ts';
import { formatCrashState } from '../../../src/replay/state-id.ts';
import { eachBarrier } from '../../../src/replay/strategies/each-barrier.ts';
import { sampleLog } from '../../dmlog/samples.ts';
import { indexOf, sectors } from '../../support/log-file.ts';

const idsOf = (index: LogIndex): string[] =>
  [...eachBarrier.propose({ index, value: 0, random: (stream) => randomFrom(1, stream) })].map((proposal) =>
    proposal.kind === 'state' ? formatCrashState(proposal.state) : expect.unreachable(),
  );

describe('eachBarrier', () => {
  it('is the disk before the log, at each flush and at each FUA write', () => {
    const data = sectors('d');
    const index = indexOf([
      newEntry.write(0, data),
      newEntry.flush(),
      newEntry.fua(1, data),
      newEntry.mark('m'),
      newEntry.write(2, data),
    ]);
    expect(idsOf(index)).toEqual(['base', 'p1', 'p2']);
  });

  it('leaves out no barrier of a captured log', () => {
    const index = indexLog(sampleLog('sqlite-wal-ext4.log.img'));
    expect(idsOf(index)).toEqual(['base', ...Array.from(crashPoints(index), (point) => `p${point}`)]);
    expect(idsOf(index)).toHaveLength(135);
  });

  it('is the base alone in an empty log', () => {
    expect(idsOf(indexOf([]))).toEqual(['base']);
  });
});
