/** Only how it fails; an engine that works needs a kernel. */
import { chmodSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startNativeAgent } from '../../src/agent/native.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';

const path = useTemporaryFolder();
const before = process.env['PATH'];
beforeEach(() => {
  process.env['PATH'] = path();
});
afterEach(() => {
  process.env['PATH'] = before;
});

function makeUnshare(script: string): void {
  writeFileSync(path('unshare'), `#!/bin/sh\n${script}\n`);
  chmodSync(path('unshare'), 0o755);
}

describe('startNativeAgent', () => {
  it('says that there is no unshare', async () => {
    await expect(startNativeAgent()).rejects.toMatchObject({
      code: 'engine-lost',
      message: 'the engine died\nspawn unshare ENOENT',
    });
  });

  it('says what unshare said', async () => {
    makeUnshare('echo "unshare: unshare failed: Operation not permitted" >&2; exit 1');
    await expect(startNativeAgent()).rejects.toMatchObject({
      code: 'engine-lost',
      message: 'the engine died\nunshare: unshare failed: Operation not permitted',
    });
  });

  it('says what came instead of a greeting', async () => {
    makeUnshare('echo hello');
    await expect(startNativeAgent()).rejects.toThrow('the engine said what is no answer: hello');
  });
});
