// V27: the technical result, where a notice scores proposals before prices.

import { refuse } from "../bytes.js";
import { skip } from "./outcome.js";

// A box that opens proposals first is refused until their scores are computed here too: nothing passes uncomputed.
export function v27({ bundle, box }) {
  if (bundle.has("technical.json") || Object.hasOwn(box, "first")) refuse("a technical result, which this version cannot compute");
  return skip("no proposals are scored");
}
