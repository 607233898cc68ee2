import { describe, expect, it } from 'vitest';
import { numberOf, systemCall } from '../../../src/host/sys/system-call.ts';

describe('numberOf', () => {
  it.each([
    ['bpf', 'x64', 321],
    ['perf_event_open', 'x64', 298],
    ['fsmount', 'x64', 432],
    ['bpf', 'arm64', 280],
    ['perf_event_open', 'arm64', 241],
    ['fsmount', 'arm64', 432],
  ] as const)('%s on %s is %i', (name, architecture, number) => {
    expect(numberOf(name, architecture)).toBe(number);
  });

  it('does not guess on another processor', () => {
    expect(() => numberOf('bpf', 'riscv64')).toThrow(/bpf is not known for the processor "riscv64"/);
  });
});

it('reports the errno of a call that fails', () => {
  const fsmount = systemCall('fsmount', 'int fd, uint32_t flags, uint32_t attributes');
  // EBADF for root, EPERM for others, ENOSYS under a filter.
  expect(() => fsmount('no file system', -1, 0, 0)).toThrow(/^fsmount\(no file system\): E[A-Z]+$/);
});
