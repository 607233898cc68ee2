/** What a kernel module says of itself in its section `.modinfo`: texts `name=value`, each ended by a zero byte. */

/** Where a 64-bit little-endian ELF file (elf(5)) keeps its section headers, and what of one is needed. */
const AT = { sections: 0x28, sectionBytes: 0x3a, sectionCount: 0x3c, namesIndex: 0x3e };
const SECTION = { offset: 24, size: 32 };
const ELF_64_LITTLE_ENDIAN = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]);

/** Names of the modules that must be loaded before this one, as they stand in its `depends=`. @throws when it is no module */
export function dependenciesOf(image: Uint8Array): string[] {
  const section = modinfoSection(image);
  if (!section) throw new Error('this is no kernel module: it has no section .modinfo');
  const texts = section.toString('latin1').split('\0');
  const depends = texts.find((text) => text.startsWith('depends='))?.slice('depends='.length) ?? '';
  return depends.split(',').filter(Boolean).map(moduleName);
}

/** `-` and `_` are the same in a module's name. */
export const moduleName = (text: string): string => text.replaceAll('-', '_');

function modinfoSection(bytes: Uint8Array): Buffer | undefined {
  const image = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!image.subarray(0, ELF_64_LITTLE_ENDIAN.length).equals(ELF_64_LITTLE_ENDIAN)) return undefined;
  const start = Number(image.readBigUInt64LE(AT.sections));
  const headerBytes = image.readUInt16LE(AT.sectionBytes);
  const headers = Array.from({ length: image.readUInt16LE(AT.sectionCount) }, (_, i) =>
    image.subarray(start + i * headerBytes, start + (i + 1) * headerBytes),
  );
  const names = contentOf(image, headers[image.readUInt16LE(AT.namesIndex)]!);
  const found = headers.find((header) => textAt(names, header.readUInt32LE(0)) === '.modinfo');
  return found && contentOf(image, found);
}

function contentOf(image: Buffer, header: Buffer): Buffer {
  const offset = Number(header.readBigUInt64LE(SECTION.offset));
  return image.subarray(offset, offset + Number(header.readBigUInt64LE(SECTION.size)));
}

const textAt = (bytes: Buffer, offset: number): string => bytes.toString('latin1', offset, bytes.indexOf(0, offset));
