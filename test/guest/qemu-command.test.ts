import { expect, it } from 'vitest';
import { MIB } from '../../src/units.ts';
import { platformOf } from '../../src/guest/platform.ts';
import { qemuWords, type QemuMachine } from '../../src/guest/qemu-command.ts';

const MACHINE: QemuMachine = {
  platform: platformOf('x64')!,
  accelerator: 'tcg',
  name: 'powercut-1',
  memoryBytes: 512 * MIB + 1,
  processors: 2,
  kernel: '/boot/vmlinuz-6.1.0',
  initramfs: '/tmp/powercut-1/initramfs',
  console: 3,
  ports: [5, 4],
  root: true,
  share: '/home/a, b/recordings',
};

it('is a machine without a network, whose only ways out are its sockets and one folder', () => {
  const words = qemuWords(MACHINE).join(' ').replaceAll(' -', '\n-').split('\n');
  expect(words).toEqual([
    '-nodefaults',
    '-no-user-config',
    '-no-reboot',
    '-display none',
    '-nic none',
    '-name powercut-1',
    '-accel tcg',
    '-cpu max,la57=off,arch-capabilities=off',
    '-smp 2',
    '-m 512M',
    '-kernel /boot/vmlinuz-6.1.0',
    '-initrd /tmp/powercut-1/initramfs',
    '-append console=ttyS0 quiet panic=-1 mitigations=off',
    '-chardev socket,id=console,fd=3',
    '-serial chardev:console',
    '-device virtio-serial-pci',
    '-chardev socket,id=port1,fd=5',
    '-device virtserialport,nr=1,chardev=port1',
    '-chardev socket,id=port2,fd=4',
    '-device virtserialport,nr=2,chardev=port2',
    '-virtfs local,path=/,mount_tag=host,security_model=none,multidevs=remap,readonly=on',
    '-virtfs local,path=/home/a,, b/recordings,mount_tag=share,security_model=none,multidevs=remap',
  ]);
});

it('is nothing but a processor, memory and a console where nothing else is asked for', () => {
  const { share: _, ...machine } = MACHINE;
  const words = qemuWords({ ...machine, ports: [], root: false });
  expect(words.filter((word) => /virt/.test(word))).toEqual([]);
});

it('is a board, a processor and a serial line of arm64 there', () => {
  const platform = platformOf('arm64')!;
  const words = (accelerator: 'kvm' | 'tcg'): string => qemuWords({ ...MACHINE, platform, accelerator }).join(' ');
  expect(platform.qemu).toBe('qemu-system-aarch64');
  expect(words('tcg')).toContain('-accel tcg -machine virt -cpu max,pauth-impdef=on -smp 2 ');
  // A processor that KVM plays has no such property, and QEMU would refuse to start.
  expect(words('kvm')).toContain('-accel kvm -machine virt -cpu max -smp 2 ');
  expect(words('tcg')).toContain('-append console=ttyAMA0 quiet panic=-1 mitigations=off ');
});

it('there is none for other processors', () => expect(platformOf('riscv64')).toBeUndefined());
