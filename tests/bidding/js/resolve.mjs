const root = new URL("../../../", import.meta.url);

export async function resolve(specifier, context, next) {
  if (specifier.startsWith("/static/")) {
    return { url: new URL(`app${specifier}`, root).href, format: "module", shortCircuit: true };
  }
  const found = await next(specifier, context);
  const isOurs = found.url.startsWith(new URL("bidding/static/", root).href);
  return isOurs ? { ...found, format: "module" } : found;
}
