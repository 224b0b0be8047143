// A strict reader of zip files: what the directory at the end says, the bytes before it must say too; nothing hidden
// between, no second file of one name, nothing encrypted, and no more than the caps allow, whatever the headers claim.

import { fromUtf8, refuse } from "./bytes.js";

export const CAPS = { files: 400_000, bytes: 2 * 1024 ** 3, ratio: 200 };
const [LOCAL, CENTRAL, END, END64, LOCATOR64] = [0x04034b50, 0x02014b50, 0x06054b50, 0x06064b50, 0x07064b50];
const [STORED, DEFLATED] = [0, 8];
const UTF8_NAMES = 0x0800;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

export function crc32(bytes) {
  let rest = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1) rest = TABLE[(rest ^ bytes[at]) & 255] ^ (rest >>> 8);
  return (rest ^ 0xffffffff) >>> 0;
}

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const wide = (view, at) => Number(view.getBigUint64(at, true)); // above 2^53 it fits no file and is refused by the caps

function findEnd(view) {
  for (let at = view.byteLength - 22; at >= 0 && at >= view.byteLength - 22 - 0xffff; at -= 1) {
    if (view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === view.byteLength) return at;
  }
  return refuse("not a whole zip file");
}

function directoryOf(view) {
  const end = findEnd(view);
  const found = { count: view.getUint16(end + 10, true), size: view.getUint32(end + 12, true), start: view.getUint32(end + 16, true), end };
  if (found.count !== 0xffff && found.size !== 0xffffffff && found.start !== 0xffffffff) return found;
  if (end < 76 || view.getUint32(end - 20, true) !== LOCATOR64) return found;
  const at = wide(view, end - 12);
  if (at !== end - 76 || view.getUint32(at, true) !== END64) refuse("the zip file's long directory is not where it says");
  return { count: wide(view, at + 32), size: wide(view, at + 40), start: wide(view, at + 48), end: at };
}

// Sizes and place of one file, from the extra field where the short ones overflow.
function widen(view, extra, extraEnd, entry) {
  for (let at = extra; at + 4 <= extraEnd; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== 1) continue;
    let next = at + 4;
    for (const key of ["size", "packed", "start"]) {
      if (entry[key] !== 0xffffffff) continue;
      if (next + 8 > extraEnd) refuse("a zip entry without its sizes");
      entry[key] = wide(view, next);
      next += 8;
    }
  }
  return entry;
}

function entryAt(view, bytes, at, end) {
  if (at + 46 > end || view.getUint32(at, true) !== CENTRAL) refuse("the zip file's directory is damaged");
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
  const next = at + 46 + nameLength + extraLength + commentLength;
  if (next > end) refuse("the zip file's directory is damaged");
  const entry = {
    flags: view.getUint16(at + 8, true), method: view.getUint16(at + 10, true), crc: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true), size: view.getUint32(at + 24, true), start: view.getUint32(at + 42, true),
    rawName: bytes.subarray(at + 46, at + 46 + nameLength), next,
  };
  entry.name = fromUtf8(entry.rawName);
  return widen(view, at + 46 + nameLength, at + 46 + nameLength + extraLength, entry);
}

// Plain characters, and no part between slashes that is empty or leads elsewhere.
const isName = (name) => /^[A-Za-z0-9._@/-]{1,200}$/.test(name) && !name.split("/").some((part) => ["", ".", ".."].includes(part));

function entriesOf(view, bytes) {
  const { count, size, start, end } = directoryOf(view);
  if (count > CAPS.files) refuse("more than %(files)s files", { files: CAPS.files });
  if (start + size !== end) refuse("something stands between the zip file's directory and its end");
  const entries = new Map();
  let total = 0;
  for (let at = start; at < end; ) {
    const entry = entryAt(view, bytes, at, end);
    at = entry.next;
    total += entry.size;
    if (!isName(entry.name)) refuse("a file with a name that is not allowed");
    if (entries.has(entry.name)) refuse("%(name)s is there twice", { name: entry.name });
    if (entry.flags & ~(UTF8_NAMES | 0x0006)) refuse("%(name)s is packed in a way that is not allowed", { name: entry.name });
    if (entry.method !== STORED && entry.method !== DEFLATED) refuse("%(name)s is packed in a way that is not allowed", { name: entry.name });
    if (total > Math.min(CAPS.bytes, CAPS.ratio * bytes.length)) refuse("unpacks to more than is allowed");
    entries.set(entry.name, entry);
  }
  return entries.size === count ? entries : refuse("the zip file's directory counts otherwise");
}

// The packed bytes of one file, its own header compared with the directory's.
function packedOf(view, bytes, entry, limit) {
  const { start, rawName } = entry;
  if (start + 30 > limit || view.getUint32(start, true) !== LOCAL) refuse("%(name)s is not where the directory says", { name: entry.name });
  const nameLength = view.getUint16(start + 26, true);
  const data = start + 30 + nameLength + view.getUint16(start + 28, true);
  const name = bytes.subarray(start + 30, start + 30 + nameLength);
  if (name.length !== rawName.length || name.some((byte, index) => byte !== rawName[index])) refuse("%(name)s has two names", { name: entry.name });
  if (view.getUint16(start + 8, true) !== entry.method || view.getUint32(start + 14, true) !== entry.crc) refuse("%(name)s has two headers", { name: entry.name });
  if (data + entry.packed > limit) refuse("%(name)s reaches beyond its place", { name: entry.name });
  entry.end = data + entry.packed;
  return bytes.subarray(data, entry.end);
}

function checkPlaces(entries, directory) {
  let at = 0;
  for (const entry of [...entries].sort((a, b) => a.start - b.start)) {
    if (entry.start !== at) refuse("something stands between the zip file's files");
    at = entry.end;
  }
  if (at !== directory) refuse("something stands between the zip file's files and its directory");
}

async function inflate(packed, size, name) {
  const whole = new Uint8Array(size);
  let at = 0;
  try {
    const reader = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      if (at + piece.value.length > size) throw new Error("too long");
      whole.set(piece.value, at);
      at += piece.value.length;
    }
  } catch {
    refuse("%(name)s does not unpack", { name });
  }
  return at === size ? whole : refuse("%(name)s is shorter than the directory says", { name });
}

const AT_ONCE = 64;

// Name -> bytes of every file. `told(done, of)` hears how far it is. Refused for anything but one plain reading.
export async function readZip(bytes, told = () => {}) {
  const view = viewOf(bytes);
  const entries = [...entriesOf(view, bytes).values()];
  const directory = directoryOf(view).start;
  const packed = entries.map((entry) => packedOf(view, bytes, entry, directory));
  checkPlaces(entries, directory);
  const files = new Map();
  for (let first = 0; first < entries.length; first += AT_ONCE) {
    const some = entries.slice(first, first + AT_ONCE);
    const unpacked = await Promise.all(some.map((entry, n) => unpack(entry, packed[first + n])));
    some.forEach((entry, n) => files.set(entry.name, unpacked[n]));
    told(files.size, entries.length);
  }
  return files;
}

async function unpack(entry, packed) {
  if (entry.method === STORED && entry.packed !== entry.size) refuse("%(name)s has two lengths", { name: entry.name });
  const bytes = entry.method === STORED ? packed : await inflate(packed, entry.size, entry.name);
  return crc32(bytes) === entry.crc ? bytes : refuse("%(name)s is damaged", { name: entry.name });
}
