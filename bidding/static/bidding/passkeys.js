// Passkeys (WebAuthn): kept by the device, the phone or a security key, and used with a finger, a face or a PIN. The
// challenge that one signs is the statement's hash itself.

import { b64u, digest, unb64u } from "./canon.js";
import { send } from "./http.js";
import { enrolmentClaim } from "./signatures.js";

const WAIT = 120_000; // milliseconds for the person to find the key and confirm

// Thrown where the person said no, or no authenticator answered: nothing was signed.
export class Declined extends Error {}

// Whether a passkey of `site` ({ rp_id, origins }, or null where the site can have none) can be used on this page.
export const canUse = (site) =>
  Boolean(site && globalThis.PublicKeyCredential && globalThis.navigator?.credentials && site.origins.includes(location.origin));

async function asked(act) {
  try {
    return await act();
  } catch (fault) {
    if (["NotAllowedError", "AbortError", "InvalidStateError"].includes(fault.name)) throw new Declined(fault.name);
    throw fault;
  }
}

const spelled = (buffer) => b64u(new Uint8Array(buffer));

// The three signed parts of an assertion for `challenge` by one of `credentials` (base64url ids), and whose it is.
export async function assertion({ rp_id: rpId }, challenge, credentials) {
  const allowCredentials = credentials.map((id) => ({ type: "public-key", id: unb64u(id) }));
  const publicKey = { challenge, rpId, allowCredentials, userVerification: "required", timeout: WAIT };
  const { rawId, response } = await asked(() => navigator.credentials.get({ publicKey }));
  const parts = {
    authenticatorData: spelled(response.authenticatorData),
    clientDataJSON: spelled(response.clientDataJSON),
    signature: spelled(response.signature),
  };
  return { credential: spelled(rawId), parts };
}

// A statement's signature as it is posted. `keys` are the person's live passkeys as the server lists them.
export async function signStatement(site, keys, stmt) {
  const { credential, parts } = await assertion(site, stmt, keys.map((key) => key.credential));
  const { kid } = keys.find((key) => key.credential === credential);
  return { alg: "webauthn", kid, ...parts };
}

function readOptions(options) {
  return {
    ...options,
    challenge: unb64u(options.challenge),
    user: { ...options.user, id: unb64u(options.user.id) },
    excludeCredentials: options.excludeCredentials.map((one) => ({ ...one, id: unb64u(one.id) })),
  };
}

// Make a passkey and have it sign its own enrolment at once: then it is known to work before a deadline needs it.
export async function enrolPasskey({ site, label, api }) {
  const { kid, challenge, supplier, passkey } = await send("POST", `${api}/challenge`, {});
  const made = await asked(() => navigator.credentials.create({ publicKey: readOptions(passkey) }));
  const publicKey = spelled(made.response.getPublicKey());
  const claim = enrolmentClaim({ kid, publicKey, challenge, supplier });
  const id = spelled(made.rawId);
  const { parts } = await assertion(site, await digest("enrol", claim), [id]);
  const { clientDataJSON, attestationObject } = made.response;
  const response = { clientDataJSON: spelled(clientDataJSON), attestationObject: spelled(attestationObject) };
  const credential = { id, rawId: id, type: "public-key", response };
  return send("POST", `${api}/passkeys`, { kid, challenge, credential, assertion: parts, label });
}
