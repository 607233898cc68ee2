import { describe, expect, it } from 'vitest';
import { assemble, instruction } from '../../../src/host/sys/bpf-instruction.ts';

const hexOf = (program: Parameters<typeof assemble>[0]): string[] =>
  assemble(program).toString('hex').match(/.{16}/g) ?? [];

describe('assemble', () => {
  // Expected bytes worked out by hand from the kernel's instruction-set document.
  it.each([
    ['u32 load', instruction.load(4, 3, 1, 8), ['6113080000000000']],
    ['u64 load', instruction.load(8, 5, 1, 16), ['7915100000000000']],
    ['u8 load', instruction.load(1, 3, 1, 28), ['71131c0000000000']],
    ['u16 load from a negative offset', instruction.load(2, 3, 10, -2), ['69a3feff00000000']],
    ['u32 store', instruction.store(4, 2, 24, 4), ['6342180000000000']],
    ['u64 store', instruction.store(8, 2, 16, 5), ['7b52100000000000']],
    ['set', instruction.set(0, -1), ['b7000000ffffffff']],
    ['add', instruction.add(2, 0), ['0f02000000000000']],
    ['add a number', instruction.addNumber(2, 524304), ['0702000010000800']],
    ['and', instruction.andNumber(0, 0x7fff), ['57000000ff7f0000']],
    ['shift', instruction.shiftLeft(0, 4), ['6700000004000000']],
    ['atomic fetch and add', instruction.fetchAndAdd(2, 0, 0), ['db02000001000000']],
    ['map value, which takes two places', instruction.loadMapValue(2, 7), ['1822000007000000', '0000000000000000']],
    ['exit', instruction.exit(), ['9500000000000000']],
  ])('encodes %s', (_, item, expected) => {
    expect(hexOf([item])).toEqual(expected);
  });

  it('counts jumps from the instruction behind them, over both places of a map value', () => {
    expect(
      hexOf([
        { label: 'start' },
        instruction.jumpIfDifferent(3, 0, 'end'),
        instruction.loadMapValue(2, 7),
        instruction.jumpIfEqualNumber(4, 0x52, 'start'),
        { label: 'end' },
        instruction.exit(),
      ]),
    ).toEqual(['5d03030000000000', '1822000007000000', '0000000000000000', '1504fcff52000000', '9500000000000000']);
  });

  it('refuses a jump to nowhere', () => {
    expect(() => assemble([instruction.jumpIfEqualNumber(0, 0, 'gone')])).toThrow(/jumps to "gone"/);
  });
});
