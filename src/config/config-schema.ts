/**
 * JSON Schema 2020-12 of a configuration, for our own validation and for editors. A description says what is expected,
 * in words that can follow "expected": validation's messages are made from it.
 */
const command = {
  description: 'a command: one string, or an array of words of which the first is the program',
  anyOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', minItems: 1, items: { type: 'string' } },
  ],
} as const;

const duration = {
  description: 'a duration such as "500ms", "30s", "2m" or "1h", or a number of milliseconds from 1 to 2147483647',
  anyOf: [
    { type: 'string', pattern: '^\\s*\\d+(\\.\\d+)?\\s*(ms|s|m|h)\\s*$' },
    { type: 'integer', minimum: 1, maximum: 2147483647 },
  ],
} as const;

const positive = { type: 'integer', minimum: 1, description: 'a whole number from 1 up' } as const;

const size = {
  description: 'a size such as "256M" or "1G", or a number of bytes',
  anyOf: [
    { type: 'string', pattern: '^\\s*\\d+[KMGkmg]?(i?[Bb])?\\s*$' },
    { type: 'integer', minimum: 1 },
  ],
} as const;

export const CONFIG_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  $id: 'urn:powercut:schema:config:1',
  title: 'powercut configuration',
  type: 'object',
  description: 'an object with options of powercut',
  properties: {
    // Editors look for the schema of a JSON file there.
    $schema: { type: 'string', description: 'the address of this schema' },
    workload: command,
    setup: command,
    recover: command,
    dump: command,
    check: command,
    fs: {
      description: 'a file system such as "ext4:data=journal", or an array of them',
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
      ],
    },
    size,
    sectorSize: { enum: [512, 4096], description: '512 or 4096' },
    ioError: {
      type: 'string',
      minLength: 1,
      description: 'a window of failing writes such as "writes@ack:3", "writes@ack:3,200ms" or "writes@ack:3,end"',
    },
    strategies: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', minLength: 1 },
      description: 'an array of strategies such as "each-barrier", "in-flight=128", "torn"',
    },
    duringRecovery: {
      description: 'true, false, or how many times in a row, from 1 to 5',
      anyOf: [{ type: 'boolean' }, { type: 'integer', minimum: 1, maximum: 5 }],
    },
    seed: { type: 'integer', minimum: 0, maximum: 2147483647, description: 'a whole number from 0 to 2147483647' },
    workers: positive,
    memory: size,
    workloadTimeout: duration,
    recoverTimeout: duration,
    checkTimeout: duration,
    timeBudget: duration,
    maxFindings: positive,
    fromStart: { type: 'boolean', description: 'true or false' },
    fsck: { type: 'boolean', description: 'true or false' },
    reuse: { type: 'boolean', description: 'true or false' },
    fastForward: { type: 'boolean', description: 'true or false' },
    scratchDisk: { enum: ['auto', 'loop', 'zram'], description: 'one of "auto", "loop", "zram"' },
    durability: {
      description: 'a promise such as "sync", "group:100ms", "none" or "cache=none", or an array of them',
      anyOf: [
        { type: 'string', minLength: 1 },
        { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
      ],
    },
    repeatRecovery: { type: 'boolean', description: 'true or false' },
    trials: positive,
    writers: positive,
    reporter: {
      type: 'array',
      minItems: 1,
      items: { type: 'string', minLength: 1 },
      description: 'an array of reporters such as "line" or "junit=out.xml"',
    },
    json: { type: 'string', minLength: 1, description: 'a path' },
    out: { type: 'string', minLength: 1, description: 'a path' },
    vm: { enum: ['auto', 'off', 'uml', 'kvm', 'tcg'], description: 'one of "auto", "off", "uml", "kvm", "tcg"' },
    kernel: { type: 'string', minLength: 1, description: 'host, a version or a path' },
    vmMemory: size,
  },
  additionalProperties: false,
} as const;
