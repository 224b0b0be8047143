// Single parts of the second verifier: `verify_parts.mjs <what>`, values as JSON on stdin, the answer as JSON on stdout.
import { readFileSync } from "node:fs";
import { register } from "node:module";

process.removeAllListeners("warning");
const verifier = new URL("../../../bidding/static/verify/", import.meta.url);
register(new URL("node_paths.mjs", verifier).href, import.meta.url);
const load = (name) => import(new URL(name, verifier).href);
const [auction, bytes, canon, chunked, draw, envelope, evaluation, foreign, korean, merkle, note, policy, rounding, signature, standing, tokens, words, zip] =
  await Promise.all(
    ["auction", "bytes", "canon", "chunked", "draw", "envelope", "evaluation", "foreign", "korean", "merkle", "note", "policy", "rounding",
      "signature", "standing", "tokens", "words", "zip"].map((name) => load(`${name}.js`)),
  );
const { fromHex, hex } = bytes;

async function attempt(act) {
  try {
    return { ok: (await act()) ?? null };
  } catch (fault) {
    return { refused: fault.message, isRefusal: fault instanceof bytes.Refused };
  }
}
const each = (values, act) => Promise.all(values.map((value) => attempt(() => act(value))));
const fromBase64 = (text) => new Uint8Array(Buffer.from(text, "base64"));

const questions = {
  async vectors({ ctx, cek, ct, event, salt, draw: given }) {
    const seedN = draw.seedOfNumbers({ agency: fromHex(given.agency), nonces: given.nonces.map((one) => fromHex(one)), boxId: given.box, boxRoot: given.root });
    const seedV = draw.seedOfValues(given.contributions.map((one) => fromHex(one)), given.box);
    const rates = draw.ratesOf(seedV, "1", given.segments);
    const numbered = (seed, values) => draw.numbered(seedN, "1", values.map((rate) => draw.priceAt(BigInt(given.base), rate))).map(String);
    const prices = numbered(seedN, rates);
    const drawn = draw.drawnOf(draw.tally(given.picks, 15), 4);
    const c = bytes.digest("event", bytes.concat(fromHex(salt), canon.jcs(event)));
    return {
      wrap_info: hex(bytes.sha256(envelope.wrapInfo(ctx, "A"))),
      cek_commit: envelope.cekCommit(fromHex(cek)),
      opened: bytes.fromUtf8(await chunked.openChunked(fromHex(cek), envelope.payloadContext(ctx), fromHex(ct))),
      c: hex(c),
      leaf: hex(merkle.leafHash(canon.jcs({ c: hex(c), v: 1 }))),
      seed_n: hex(seedN), seed_v: hex(seedV), rates, prices,
      m1: numbered(seedN, draw.ratesOf(seedN, "1", given.split)),
      drawn, sum: String(drawn.reduce((sum, number) => sum + BigInt(prices[number - 1]), 0n)),
      lots: draw.lots(seedN, "1", "123456000", given.lots),
    };
  },
  evaluations: (cases) =>
    cases.map(({ reviews, wanted, agency, contributions, ...given }) => {
      const seeds = { agency: bytes.fromB64u(agency, 32), contributions: contributions.map((one) => bytes.fromB64u(one, 32)), given: null };
      const found = evaluation.evaluate({ ...given, seeds, boxId: "0a".repeat(32), boxRoot: "0b".repeat(32) }).json;
      return {
        evaluation: canon.spelling(found),
        standing: reviews === undefined ? null : canon.spelling(standing.stand({ evaluation: found, reviews, wanted })),
      };
    }),
  auctions: (cases) =>
    cases.map(({ terms, placings, seed, starts_at: startsAt, evaluation: sha256, bids }) => {
      const entrants = auction.entrantsOf(placings, fromHex(seed), terms.lot);
      const start = auction.startOf({ terms, evaluation: sha256, startsAt, entrants });
      const played = new auction.Auction(start, entrants);
      const outcomes = bids.map(({ statement, at }) => {
        try {
          return canon.spelling(played.take(statement, at));
        } catch (fault) {
          if (!(fault instanceof bytes.Refused)) throw fault;
          return fault.message.split(": ").at(-1);
        }
      });
      return {
        entrants: entrants.map(({ label, stmt }) => ({ label, stmt })), start: canon.spelling(start), outcomes,
        ranking: canon.spelling(played.ranking()), ends: auction.spelled(played.rounds.over),
      };
    }),
  openings: (samples) =>
    samples.map(({ prices, counts }) => {
      const drawn = draw.drawnOf(counts, 4);
      return { drawn, price: String(rounding.byRule(drawn.reduce((sum, number) => sum + BigInt(prices[number - 1]), 0n), 4n, "up-1")) };
    }),
  prices: ({ base, rates }) => rates.map((rate) => String(draw.priceAt(BigInt(base), rate))),
  parse: (spelled) => each(spelled, (one) => canon.spelling(canon.parse(fromBase64(one)))),
  foreign: (spelled) => each(spelled, (one) => foreign.readForeign(one)),
  zips: (files) => each(files, async (one) => [...(await zip.readZip(fromBase64(one))).keys()]),
  signatures: (cases) => each(cases, ({ signature: signed, key, stmt }) => signature.checkSupplierSignature(signed, key, fromHex(stmt)).then(() => true)),
  roots: (cases) => each(cases, ({ index, size, leaf, path }) => hex(merkle.rootFromPath(index, size, fromHex(leaf), path.map((one) => fromHex(one))))),
  consistency: (cases) =>
    each(cases, ({ size1, root1, size2, root2, proof }) => {
      merkle.checkConsistency(size1, fromHex(root1), size2, fromHex(root2), proof.map((one) => fromHex(one)));
      return true;
    }),
  policies: (texts) => each(texts, (text) => [...policy.readPolicy(text).parts.keys()]),
  quorum: (cases) => each(cases, ({ text, note: signed }) => policy.quorumTime(policy.readPolicy(text), signed)),
  notes: (cases) => each(cases, ({ note: signed, vkey }) => note.openNote(signed, note.readVkey(vkey))),
  tokens: (cases) =>
    each(cases, async ({ token, certificates }) => {
      const read = tokens.readToken(fromBase64(token));
      if (certificates) await tokens.checkToken(read, certificates.map(fromBase64));
      return { imprint: hex(read.imprint), at: read.at };
    }),
  words: () => ({ korean: korean.KOREAN, checks: words.CHECKS }),
};

const values = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(await questions[process.argv[2]](values)));
