import { describe, expect, it } from 'vitest';
import { imageVersion } from '../../src/guest/kernel-image.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { kernelImage, makeFile } from './made-kernel.ts';

const path = useTemporaryFolder();
const VERSION = '6.1.0-56-arm64';

describe('imageVersion', () => {
  it('reads it in the header of a bzImage, whatever the file is called', () => {
    expect(imageVersion(makeFile(path('image'), kernelImage(VERSION, 'x64')), 'x64')).toBe(VERSION);
  });

  it.each([
    ['an Image', kernelImage(VERSION, 'arm64')],
    ['an Image in gzip', Buffer.from([0x1f, 0x8b, 8, 0])],
    ['an EFI program that unpacks itself', Buffer.from('MZ\0\0zimg')],
  ])('takes the name of %s for arm64, whose header has none', (_, image) => {
    expect(imageVersion(makeFile(path(`boot/vmlinuz-${VERSION}`), image), 'arm64')).toBe(VERSION);
    expect(imageVersion(makeFile(path(`modules/${VERSION}/vmlinuz`), image), 'arm64')).toBe(VERSION);
    expect(imageVersion(makeFile(path('image'), image), 'arm64')).toBeUndefined();
  });

  it("knows no other processor's", () => {
    const x86 = makeFile(path('vmlinuz-6.1.0-x86'), kernelImage('6.1.0', 'x64'));
    const arm = makeFile(path('vmlinuz-6.1.0-arm'), kernelImage('6.1.0', 'arm64'));
    expect([imageVersion(x86, 'arm64'), imageVersion(arm, 'x64'), imageVersion(arm, 'riscv64')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
