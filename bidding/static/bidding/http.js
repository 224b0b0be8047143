// Talking to our own server: JSON both ways, the CSRF token, and refusals as values that say what they are.

export class Problem extends Error {
  // `status` 0 means that no answer came: nothing is known about what the server did.
  constructor(status, body = {}, retryAfter = null) {
    super(body.title ?? body.detail ?? `HTTP ${status}`);
    this.status = status;
    this.code = body.code ?? "";
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

let token = globalThis.document?.querySelector("meta[name=csrf-token]")?.content ?? "";

// A token lives as long as its sign-in; after one in another tab this page needs a new one.
export async function renewToken(href) {
  token = (await send("GET", href)).csrf_token;
}

function retryAfter(response) {
  const seconds = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
  return Number.isFinite(seconds) ? seconds : null;
}

async function read(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}

// `body` is an object, or the very text to send. Resolves to the answer's JSON; throws Problem.
export async function send(method, href, body = undefined, { headers = {}, timeout = 20_000 } = {}) {
  const wanted = { Accept: "application/json", ...headers };
  if (method !== "GET") wanted["X-CSRFToken"] = token;
  if (body !== undefined) wanted["Content-Type"] = "application/json";
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  let response;
  let answer;
  try {
    const options = { method, headers: wanted, body: text, credentials: "same-origin", cache: "no-store", redirect: "error" };
    response = await fetch(href, { ...options, signal: AbortSignal.timeout(timeout) });
    answer = await read(response);
  } catch {
    throw new Problem(0);
  }
  if (!response.ok) throw new Problem(response.status, answer, retryAfter(response));
  return answer;
}

// One part of a file (`bytes`), or with null the question how much of it is here. As `send`; a stop by `signal` is a Problem
// too, and the caller knows why.
export async function sendPart(href, bytes, { start = 0, total = 0, signal, timeout = 120_000 } = {}) {
  const headers = { Accept: "application/json" };
  if (bytes) {
    headers["X-CSRFToken"] = token;
    headers["Content-Type"] = "application/octet-stream";
    headers["Content-Range"] = `bytes ${start}-${start + bytes.length - 1}/${total}`;
  }
  const limit = AbortSignal.timeout(timeout);
  const options = { method: bytes ? "PUT" : "GET", headers, body: bytes ?? undefined, credentials: "same-origin", cache: "no-store", redirect: "error" };
  let response;
  let answer;
  try {
    response = await fetch(href, { ...options, signal: signal ? AbortSignal.any([signal, limit]) : limit });
    answer = await read(response);
  } catch {
    throw new Problem(0);
  }
  if (!response.ok) throw new Problem(response.status, answer, retryAfter(response));
  return answer;
}
