// Node reads the browser's modules as they are: what a page gets from /static/vendor comes from the same file here.

const root = new URL("../../../", import.meta.url);
const OURS = [new URL("bidding/static/", root).href, new URL("app/static/", root).href];

export async function resolve(specifier, context, next) {
  const found = specifier.startsWith("/static/")
    ? { url: new URL(`app${specifier}`, root).href, shortCircuit: true }
    : await next(specifier, context);
  const isOurs = OURS.some((folder) => found.url.startsWith(folder)) && found.url.endsWith(".js");
  return isOurs ? { ...found, format: "module" } : found;
}
