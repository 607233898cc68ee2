import { expect, it } from 'vitest';
import { newEntry } from '../../src/dmlog/new-entry.ts';
import { Recovery } from '../../src/engine/recovery.ts';
import { makeRecording } from '../pipeline/made-recording.ts';
import { sectors } from '../support/log-file.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();

it('is cut at no entry but a barrier whose disk the log tells', () => {
  const { fua, write, flush } = newEntry;
  const log = [fua(0, sectors('a')), write(0, sectors('c')), flush(), write(0, sectors('d')), flush()];
  const { folder } = makeRecording(path('r'), log);
  const recovery = new Recovery(folder, { blockBytes: 512, tracerFor: () => expect.unreachable() });
  expect(recovery.plan()).toMatchObject({ points: [{ entry: 0 }, { entry: 4 }], skipped: 1 });
  expect(recovery.whyNoCutAt(4)).toBeUndefined();
  expect(recovery.whyNoCutAt(3)).toContain('has no barrier at entry 3');
  expect(recovery.whyNoCutAt(2)).toBe('does not tell the content of one of the blocks at entry 2');
});
