// Checks an entry in the reader's own browser: fetches the published files, recomputes every hash, and believes nothing
// that this page says. The log's key is the only thing taken from the page, and it is shown there to be compared.

const utf8 = (text) => new TextEncoder().encode(text);
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
const equal = (left, right) => left.length === right.length && left.every((byte, at) => byte === right[at]);
const unbase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

function concat(...parts) {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

// A tlog-proof -> { index, path, note }.
export function readProof(text) {
  const cut = text.indexOf("\n\n");
  const lines = text.slice(0, cut).split("\n");
  if (lines.shift() !== "c2sp.org/tlog-proof@v1") throw new Error("not a proof");
  if (lines[0].startsWith("extra ")) lines.shift();
  return { index: Number(lines.shift().replace("index ", "")), path: lines.map(unbase64), note: text.slice(cut + 2) };
}

// The leaf number `place` of an entry bundle.
export function leafOf(bundle, place) {
  let at = 0;
  for (let passed = 0; ; passed += 1) {
    const length = bundle[at] * 256 + bundle[at + 1];
    if (!(at + 2 + length <= bundle.length)) throw new Error("the bundle ends early");
    if (passed === place) return bundle.slice(at + 2, at + 2 + length);
    at += 2 + length;
  }
}

// Every hash on the way up, the last being the root.
export async function climb(leafHash, index, size, path) {
  let [place, last, here] = [BigInt(index), BigInt(size) - 1n, leafHash];
  const results = [];
  for (const sibling of path) {
    if (last === 0n) throw new Error("the proof is too long");
    if (place & 1n || place === last) {
      here = await sha256([1], sibling, here);
      while (place && !(place & 1n)) [place, last] = [place >> 1n, last >> 1n];
    } else {
      here = await sha256([1], here, sibling);
    }
    [place, last] = [place >> 1n, last >> 1n];
    results.push(here);
  }
  if (last) throw new Error("the proof is too short");
  return results.length ? results : [leafHash];
}

// Whether `vkey` signed the note: true, false, or null where this browser has no Ed25519.
export async function isSigned(note, vkey) {
  const [name, , ...rest] = vkey.split("+");
  const key = unbase64(rest.join("+"));
  const cut = note.lastIndexOf("\n\n");
  const id = (await sha256(utf8(`${name}\n`), key)).slice(0, 4);
  for (const line of note.slice(cut + 2).trimEnd().split("\n")) {
    const [, signer, encoded] = line.split(" ");
    const bytes = unbase64(encoded ?? "");
    if (signer !== name || !equal(bytes.slice(0, 4), id)) continue;
    try {
      const imported = await crypto.subtle.importKey("raw", key.slice(1), "Ed25519", false, ["verify"]);
      return await crypto.subtle.verify("Ed25519", imported, bytes.slice(4), utf8(note.slice(0, cut + 1)));
    } catch (error) {
      if (error.name === "NotSupportedError") return null;
      throw error;
    }
  }
  return false;
}

async function fetched(address) {
  const answer = await fetch(address, { credentials: "omit" });
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

async function check(panel) {
  const { proof: proofAt, bundle, vkey, leaf: shown, words } = panel.dataset;
  const say = JSON.parse(words);
  const list = panel.querySelector("[data-results]");
  list.replaceChildren();
  const tell = (isRight, text) => {
    const item = document.createElement("li");
    item.className = isRight === null ? "unknown" : isRight ? "right" : "wrong";
    item.textContent = text;
    list.append(item);
    return isRight !== false;
  };
  try {
    const { index, path, note } = readProof(new TextDecoder().decode(await fetched(proofAt)));
    const [origin, size, root] = note.split("\n");
    const leaf = leafOf(await fetched(bundle), index % 256);
    const isShown = tell(equal(leaf, utf8(shown)), equal(leaf, utf8(shown)) ? say.sameLeaf : say.otherLeaf);
    const results = await climb(await sha256([0], leaf), index, Number(size), path);
    const isIn = equal(results.at(-1), unbase64(root));
    tell(isIn, (isIn ? say.inTree : say.notInTree).replace("{steps}", path.length).replace("{size}", size));
    const signed = await isSigned(note, vkey);
    tell(signed, (signed === null ? say.noEd25519 : signed ? say.signed : say.notSigned).replace("{origin}", origin));
    const isAll = isShown && isIn && signed;
    panel.dataset.verdict = isAll ? "right" : signed === null && isShown && isIn ? "unknown" : "wrong";
  } catch (error) {
    tell(false, say.failed.replace("{reason}", error.message));
    panel.dataset.verdict = "wrong";
  }
}

for (const panel of globalThis.document?.querySelectorAll("[data-entry-check]") ?? []) {
  const button = panel.querySelector("button");
  button.hidden = false;
  panel.querySelector("[data-without-script]").hidden = true;
  button.addEventListener("click", async () => {
    button.disabled = true;
    await check(panel);
    button.disabled = false;
  });
}
