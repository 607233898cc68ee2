import { execFileSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { missingModules, readModules } from '../../src/guest/kernel-modules.ts';
import { dependenciesOf } from '../../src/guest/module-info.ts';
import { findProgram } from '../../src/host/find-program.ts';
import { useTemporaryFolder } from '../support/temporary-folder.ts';
import { makeFile, makeKernel, moduleImage } from './made-kernel.ts';

const path = useTemporaryFolder();
const kernel = () => ({ image: path('image'), version: '6.1.0', modules: path('k/lib/modules/6.1.0') });

function makeModule(name: string, depends: string, pack: (image: Buffer) => Uint8Array = (image) => image): void {
  makeFile(path('k/lib/modules/6.1.0/kernel', name), pack(moduleImage('license=GPL', `depends=${depends}`)));
}

const packed = (program: string, image: Buffer): Buffer => execFileSync(program, ['-c'], { input: image });

async function namesRead(): Promise<string[]> {
  return (await readModules(kernel())).map(({ name }) => name);
}

describe('readModules', () => {
  it('puts each module behind those that it depends on, once, however they are spelt', async () => {
    makeKernel(path('k'), '6.1.0', { without: ['9p', 'dm-log-writes'] });
    makeModule('net/9p/9pnet.ko', '');
    makeModule('fs/9p/9p.ko', '9pnet,fscache');
    makeModule('fs/fscache.ko', 'netfs');
    makeModule('fs/netfs.ko', '');
    makeModule('drivers/md/dm-log-writes.ko', 'dm-mod');
    makeModule('drivers/md/dm-flakey.ko', 'dm-mod');
    makeModule('fs/xfs/xfs.ko', 'libcrc32c');
    makeModule('lib/libcrc32c.ko', '');
    makeModule('fs/not-wanted.ko', '');
    expect(await namesRead()).toEqual([
      'virtio_pci',
      'virtio_console',
      '9pnet_virtio',
      '9pnet',
      'netfs',
      'fscache',
      '9p',
      'overlay',
      'loop',
      'dm_mod',
      'dm_log_writes',
      'dm_flakey',
      'libcrc32c',
      'xfs',
    ]);
    expect(missingModules(kernel())).toEqual([]);
  });

  it('leaves out what is built in', async () => {
    makeKernel(path('k'), '6.1.0', { without: ['loop'] });
    makeModule('fs/ext4/ext4.ko', 'jbd2');
    makeFile(path('k/lib/modules/6.1.0/modules.builtin'), 'kernel/drivers/block/loop.ko\nkernel/fs/jbd2/jbd2.ko\n');
    const names = await namesRead();
    expect(names).toContain('ext4');
    expect(names).not.toContain('jbd2');
    expect(missingModules(kernel())).toEqual([]);
  });

  it.each([
    ['gz', (image: Buffer) => gzipSync(image)],
    ['xz', (image: Buffer) => packed('xz', image)],
    ['zst', (image: Buffer) => packed('zstd', image)],
  ])('unpacks .%s', async (suffix, pack) => {
    if (suffix !== 'gz' && !findProgram(suffix === 'xz' ? 'xz' : 'zstd')) return;
    makeModule(`fs/xfs/xfs.ko.${suffix}`, 'crc16', pack);
    makeModule(`lib/crc16.ko.${suffix}`, '', pack);
    const modules = await readModules(kernel());
    expect(modules.map(({ name }) => name)).toEqual(['crc16', 'xfs']);
    expect(Buffer.from(modules[1]!.image)).toEqual(moduleImage('license=GPL', 'depends=crc16'));
  });
});

describe('dependenciesOf', () => {
  it('reads the section, not what looks like it elsewhere', () => {
    const image = moduleImage('description=depends=none', 'depends=dm-mod,9pnet');
    expect(dependenciesOf(Buffer.concat([image, Buffer.from('\0depends=other\0')]))).toEqual(['dm_mod', '9pnet']);
  });

  it('refuses what is no module', () => {
    expect(() => dependenciesOf(Buffer.from('#!/bin/sh\n'))).toThrow('this is no kernel module');
  });
});
