/**
 * Each planted fault: the store that has it, one step away from the sound one in the same file; the weakest
 * strategy that must show it; as what; and on which file systems.
 *
 * @typedef {object} Fault
 * @property {string} store file in stores/
 * @property {string} says what the store's author believed
 * @property {string} [strategy] option of powercut that finds it; none where the file system forgives it
 * @property {string} [class] of the finding
 * @property {string[]} fs file systems to record on, as powercut's --fs takes them
 * @property {string} [ioError] powercut's --io-error, where the device has to fail for the fault to show
 * @property {number} [operations] how many it takes, where the usual number does not do
 */

const ext4 = ['ext4'];

/** @type {Record<string, Fault>} */
export const FAULTS = {
  'no-fsync': {
    store: 'append-log',
    says: 'write() returned, so it is written',
    strategy: '--each-barrier',
    class: 'lost',
    fs: ext4,
  },
  'fsync-of-wrong-file': {
    store: 'append-log',
    says: 'an fsync is an fsync (of the file beside the log)',
    strategy: '--each-barrier',
    class: 'lost',
    fs: ext4,
  },
  'fsync-before-last-write': {
    store: 'append-log',
    says: 'header, fsync, value: it was synced',
    strategy: '--each-barrier',
    class: 'lost',
    fs: ext4,
  },
  'group-commit-acks-next-batch': {
    store: 'group-commit',
    says: 'all who wait when the fsync returns are done (one came after it began)',
    strategy: '--each-barrier',
    class: 'lost',
    fs: ext4,
  },
  'rename-without-folder-fsync': {
    store: 'named-files',
    says: 'the file is synced, its name will be too',
    strategy: '--each-barrier',
    class: 'lost',
    fs: ext4,
  },
  'unlink-without-folder-fsync': {
    store: 'named-files',
    says: 'deleted is deleted',
    strategy: '--each-barrier',
    class: 'ghost',
    fs: ext4,
  },
  'rename-without-fsync': {
    store: 'named-files',
    says: 'rename is atomic (to a new name)',
    strategy: '--each-barrier',
    class: 'torn',
    fs: ext4,
  },
  'replace-without-fsync': {
    store: 'document',
    says: 'rename is atomic (over the old file)',
    strategy: '--each-barrier',
    class: 'torn',
    fs: ['ext4:noauto_da_alloc', 'xfs'],
  },
  'truncate-in-place': {
    store: 'document',
    says: 'open(O_TRUNC), write, fsync is one step',
    strategy: '--each-barrier',
    class: 'torn',
    fs: ext4,
  },
  'overwrite-in-place': {
    store: 'document',
    says: 'one write() is all or nothing',
    strategy: '--torn',
    class: 'torn',
    fs: ext4,
  },
  'sync-file-range': {
    store: 'slot-log',
    says: 'sync_file_range() is a cheap fsync',
    strategy: '--each-barrier',
    class: 'lost',
    fs: ext4,
  },
  'torn-record-accepted': {
    store: 'slot-log',
    says: 'a record with a good header is a good record',
    strategy: '--torn',
    class: 'torn',
    fs: ext4,
  },
  'direct-without-fsync': {
    store: 'direct-log',
    says: 'O_DIRECT goes to the disk',
    strategy: '--each-barrier',
    class: 'lost',
    fs: ext4,
  },
  'mmap-without-msync': {
    store: 'mapped-log',
    says: 'the kernel writes the mapping back',
    strategy: '--each-barrier',
    class: 'lost',
    fs: ext4,
  },
  'preallocation-taken-for-data': {
    store: 'grown-log',
    says: 'the file ends where the data ends',
    strategy: '--each-barrier',
    class: 'phantom',
    fs: ext4,
  },
  'recovery-truncates-too-much': {
    store: 'packed-log',
    says: 'a bad page is cleared (with the good records in it)',
    strategy: '--torn',
    class: 'lost',
    fs: ext4,
  },
  'log-truncated-before-data-is-durable': {
    store: 'checkpointed',
    says: 'the table is written, so the log can go',
    strategy: '--each-barrier',
    class: 'lost',
    fs: ext4,
  },
  'recovery-empties-log-first': {
    store: 'checkpointed',
    says: 'the log is in memory now, so it can go',
    strategy: '--each-barrier',
    class: 'lost',
    fs: ext4,
  },
  'recovery-not-repeatable': {
    store: 'journalled-list',
    says: 'what is in the journal is not yet in the list',
    strategy: '--each-barrier',
    class: 'phantom',
    fs: ext4,
  },
  'recovery-not-durable': {
    store: 'journalled-list',
    says: 'nobody is told anything during recovery, so nothing has to be synced',
    strategy: '--during-recovery',
    class: 'lost',
    fs: ext4,
  },
  'files-in-wrong-order': {
    store: 'two-files',
    says: 'both are synced before anybody is told',
    strategy: '--each-barrier',
    class: 'torn',
    fs: ext4,
  },
  'one-sync-for-two-files': {
    store: 'two-files',
    says: 'the value is written before the count, and syncfs() keeps the order',
    strategy: '--in-flight',
    class: 'torn',
    fs: ext4,
  },
  'checksum-without-length': {
    store: 'length-table',
    says: 'the value has a checksum (its length has none)',
    strategy: '--in-flight',
    class: 'torn',
    fs: ext4,
  },
  'compaction-drops': {
    store: 'segments',
    says: 'nobody writes to the segment that is being merged',
    strategy: '--each-barrier',
    class: 'lost',
    fs: ext4,
    operations: 13,
  },
  'tombstone-lost': {
    store: 'segments',
    says: 'the older segment goes anyway, so its tombstone can (the older one goes later)',
    strategy: '--each-barrier',
    class: 'ghost',
    fs: ext4,
    operations: 13,
  },
  'fsync-error-ignored': {
    store: 'retried-log',
    says: 'fsync failed, so it is tried again until it succeeds',
    strategy: '--each-barrier',
    class: 'lost',
    fs: ['ext4', 'xfs'],
    ioError: 'writes@ack:4',
  },
  'create-without-folder-fsync': {
    store: 'created-files',
    says: 'fsync of a new file makes its name durable (POSIX does not say so; ext4 and xfs do it)',
    fs: ['ext4', 'xfs'],
  },
};

const OPERATIONS = 9;

/** @returns {number} how many operations show the fault */
export const operationsOf = (name) => FAULTS[name].operations ?? OPERATIONS;

/** The module of the store that a fault is planted in. */
export const loadStore = (name) => import(`./stores/${FAULTS[name].store}.mjs`);
