import { mkdirSync, rmSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { UnavailableError, UsageError } from '../../src/errors.ts';
import { findKernel } from '../../src/guest/kernel.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { kernelImage, makeFile, makeKernel } from './made-kernel.ts';

const path = useTemporaryFolder();

const imageAlone = (folder: string): string => makeFile(join(folder, 'vmlinuz-7.0.0'), kernelImage('7.0.0'));

function twoKernels(folder: string): string {
  for (const version of ['6.1.0', '6.2.0']) makeKernel(folder, version);
  return folder;
}

describe('findKernel', () => {
  it('prefers the running version, then the newest, as numbers go', () => {
    makeKernel(path('a'), '6.9.1-amd64');
    makeKernel(path('b'), '6.12.0-amd64');
    makeKernel(path('c'), '5.10.0-amd64');
    const roots = [path('a'), path('b'), path('c')];
    expect(findKernel(undefined, roots).version).toBe('6.12.0-amd64');
    makeKernel(path('a'), release());
    expect(findKernel(undefined, roots)).toEqual({
      image: path('a', 'boot', `vmlinuz-${release()}`),
      version: release(),
      modules: path('a', 'lib/modules', release()),
    });
    expect(findKernel('host', roots).version).toBe(release());
    expect(findKernel('5.10.0-amd64', roots).image).toBe(path('c', 'boot/vmlinuz-5.10.0-amd64'));
  });

  it('passes over a kernel that cannot run a guest, and says why when it is the only one or was named', () => {
    makeKernel(path('cloud'), '6.12.0-cloud', { without: ['9p', 'dm-log-writes'] });
    makeKernel(path('standard'), '6.1.0-amd64');
    expect(findKernel(undefined, [path('cloud'), path('standard')]).version).toBe('6.1.0-amd64');
    const why = /6\.12\.0-cloud .* cannot run a guest: it has no 9p, dm_log_writes/;
    expect(() => findKernel(undefined, [path('cloud')])).toThrow(why);
    expect(() => findKernel('6.12.0-cloud', [path('cloud')])).toThrow(UnavailableError);
    expect(() => findKernel(path('cloud'), [])).toThrow(why);
  });

  it('takes what is built in', () => {
    makeKernel(path('k'), '6.1.0', { without: ['virtio_pci'] });
    expect(() => findKernel(path('k'))).toThrow('it has no virtio_pci');
    makeFile(path('k/lib/modules/6.1.0/modules.builtin'), 'kernel/drivers/virtio/virtio_pci.ko\n');
    expect(findKernel(path('k')).version).toBe('6.1.0');
  });

  it.each([
    ['the folder of an unpacked package', 'boot/vmlinuz-6.1.0', 'lib/modules', ''],
    ['an image beside its package', 'boot/vmlinuz-6.1.0', 'lib/modules', 'boot/vmlinuz-6.1.0'],
    ['an image among its modules', 'usr/lib/modules/6.1.0/vmlinuz', 'usr/lib/modules', 'usr/lib/modules/6.1.0/vmlinuz'],
  ])('finds by path: %s', (_, image, modules, named) => {
    makeKernel(path('k'), '6.1.0', { modules, suffix: '.ko.xz' });
    rmSync(path('k/boot'), { recursive: true });
    makeFile(path('k', image), kernelImage('6.1.0'));
    expect(findKernel(path('k', named), [])).toEqual({
      image: path('k', image),
      version: '6.1.0',
      modules: path('k', modules, '6.1.0'),
    });
  });

  it.each<[string, (folder: string) => string, RegExp]>([
    ['a path that is not there', (folder) => join(folder, 'none'), /there is no .*none/],
    ['a file that is no image', (folder) => makeFile(join(folder, 'text'), 'x'), /text is no (x86|arm64) kernel image/],
    ['a folder without a kernel', (folder) => folder, /holds no boot\/vmlinuz/],
    ['a folder with two', twoKernels, /holds several kernels; name one image/],
    ['an image without modules', imageAlone, /no lib\/modules\/7\.0\.0/],
    ['a version that is not installed', () => '9.9.9', /there is no kernel 9\.9\.9 .*found: 6\.1\.0/],
  ])('refuses %s', (_, make, message) => {
    makeKernel(path('known'), '6.1.0');
    mkdirSync(path('named'));
    const wish = make(path('named'));
    const find = (): unknown => findKernel(wish, [path('known')]);
    expect(find).toThrow(UsageError);
    expect(find).toThrow(message);
  });

  it('says what to do when there is none at all', () => {
    expect(() => findKernel(undefined, [])).toThrow(/no kernel image with its modules .*setup\.sh/);
  });
});
