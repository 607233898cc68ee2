import { expect, it } from 'vitest';
import { GUEST_KINDS } from '../../src/guest/guests.ts';
import { qemuObstacle } from '../../src/guest/qemu.ts';
import { umlObstacle } from '../../src/guest/uml.ts';
import { guestRemedy } from '../../src/pipeline/probe-guests.ts';

it('recommends nothing that does not exist for the processor', () => {
  expect(guestRemedy('uml', 'x64')).toContain('user-mode-linux');
  expect(guestRemedy('uml', 'arm64')).toBeUndefined();
  expect(guestRemedy('tcg', 'x64')).toContain('qemu-system-x86,');
  expect(guestRemedy('tcg', 'arm64')).toContain('qemu-system-arm,');
  expect(GUEST_KINDS.map((kind) => guestRemedy(kind, 'riscv64'))).toEqual([undefined, undefined, undefined]);
});

it('says which processor is in the way', () => {
  expect(qemuObstacle('riscv64')).toBe('powercut runs QEMU on x86-64 and arm64 only, and this is riscv64');
  expect(umlObstacle('arm64')).toBe('user-mode Linux exists for x86-64 only, and this is arm64');
});
