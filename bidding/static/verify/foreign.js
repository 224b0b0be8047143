// JSON that others spell (a browser's clientDataJSON): any order and blanks, but no member twice and nothing after it.

import { refuse } from "./bytes.js";

const TOKEN = /[ \t\n\r]*(?:([{}[\],:]|true|false|null)|("(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*")|(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?))/y;
const DEEPEST = 32;

class Tokens {
  #text;
  #at = 0;

  constructor(text) {
    this.#text = text;
  }

  next() {
    TOKEN.lastIndex = this.#at;
    const found = TOKEN.exec(this.#text) ?? refuse("not JSON");
    this.#at = TOKEN.lastIndex;
    return found[0].trim();
  }

  get isAtEnd() {
    return /^[ \t\n\r]*$/.test(this.#text.slice(this.#at));
  }
}

function readObject(tokens, levels) {
  const members = new Map();
  for (let token = tokens.next(); token !== "}"; token = tokens.next()) {
    if (members.size) token = token === "," ? tokens.next() : refuse("not JSON");
    const name = token.startsWith('"') ? JSON.parse(token) : refuse("not JSON");
    if (members.has(name)) refuse("a member twice");
    if (tokens.next() !== ":") refuse("not JSON");
    members.set(name, readValue(tokens, tokens.next(), levels));
  }
  return Object.assign(Object.create(null), Object.fromEntries(members));
}

function readArray(tokens, levels) {
  const items = [];
  for (let token = tokens.next(); token !== "]"; token = tokens.next()) {
    if (items.length) token = token === "," ? tokens.next() : refuse("not JSON");
    items.push(readValue(tokens, token, levels));
  }
  return items;
}

function readValue(tokens, token, levels) {
  if (levels === 0) refuse("nested too deeply");
  if (token === "{") return readObject(tokens, levels - 1);
  if (token === "[") return readArray(tokens, levels - 1);
  return /^[}\],:]$/.test(token) ? refuse("not JSON") : JSON.parse(token);
}

export function readForeign(text) {
  const tokens = new Tokens(text);
  const value = readValue(tokens, tokens.next(), DEEPEST);
  return tokens.isAtEnd ? value : refuse("not JSON");
}
