// What a chosen file is, by its first bytes, before anything is done with it. A warning saves the bidder from handing in
// what nobody could read; the site looks again after the opening, and its word counts.

const HEAD = 65536;
const starts = (bytes, ...codes) => codes.every((code, i) => bytes[i] === code);
const text = (bytes) => Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
const wide = (words) => Array.from(words, (letter) => `${letter}\0`).join(""); // UTF-16, as compound files spell names

export const MEDIA = {
  pdf: "application/pdf",
  hwp: "application/x-hwp",
  hwpx: "application/hwp+zip",
  office: "application/vnd.openxmlformats-officedocument",
  opendocument: "application/vnd.oasis.opendocument",
  compound: "application/x-ole-storage",
  png: "image/png",
  jpeg: "image/jpeg",
  gif: "image/gif",
  tiff: "image/tiff",
  bmp: "image/bmp",
  webp: "image/webp",
};

// { kind, problem }: `problem` is null, or why it will not be read: "empty", "type", "password", or "protected" (a PDF that
// may ask for a password).
export async function sniff(file) {
  if (file.size === 0) return { kind: null, problem: "empty" };
  const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
  if (starts(head, 0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1)) return compound(file, head);
  if (starts(head, 0x50, 0x4b, 3, 4)) return archive(head);
  if (text(head.subarray(0, 8)).includes("%PDF-")) {
    const tail = text(new Uint8Array(await file.slice(Math.max(0, file.size - HEAD)).arrayBuffer()));
    return { kind: "pdf", problem: /\/Encrypt\s+\d+\s+\d+\s+R/.test(tail) ? "protected" : null };
  }
  const kind = picture(head);
  return { kind, problem: kind ? null : "type" };
}

// HWP 5 and Office up to 2003; an encrypted new Office document is one too. Names of streams lie anywhere in the file, mostly
// near its ends.
async function compound(file, head) {
  const tail = new Uint8Array(await file.slice(Math.max(HEAD, file.size - 4 * HEAD)).arrayBuffer());
  const seen = text(head) + text(tail);
  if (seen.includes(wide("EncryptedPackage"))) return { kind: "compound", problem: "password" };
  if (!seen.includes(wide("FileHeader"))) return { kind: "compound", problem: null };
  const at = seen.indexOf("HWP Document File");
  const isLocked = at >= 0 && (seen.charCodeAt(at + 36) & 2) !== 0;
  return { kind: "hwp", problem: isLocked ? "password" : null };
}

function archive(head) {
  const seen = text(head);
  if (head[6] & 1) return { kind: null, problem: "password" };
  if (seen.includes("mimetypeapplication/hwp+zip")) return { kind: "hwpx", problem: null };
  if (seen.includes("mimetypeapplication/vnd.oasis.opendocument")) return { kind: "opendocument", problem: null };
  if (/\[Content_Types\]\.xml|word\/|xl\/|ppt\/|_rels\//.test(seen)) return { kind: "office", problem: null };
  return { kind: null, problem: "type" };
}

function picture(head) {
  if (starts(head, 0x89, 0x50, 0x4e, 0x47)) return "png";
  if (starts(head, 0xff, 0xd8, 0xff)) return "jpeg";
  if (text(head.subarray(0, 4)) === "GIF8") return "gif";
  if (starts(head, 0x49, 0x49, 0x2a, 0) || starts(head, 0x4d, 0x4d, 0, 0x2a)) return "tiff";
  if (text(head.subarray(0, 4)) === "RIFF" && text(head.subarray(8, 12)) === "WEBP") return "webp";
  return starts(head, 0x42, 0x4d) ? "bmp" : null;
}
