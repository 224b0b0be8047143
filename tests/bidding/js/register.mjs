// Node reads the browser's modules as they are: what a page gets from /static/vendor comes from the same file here.
import { register } from "node:module";

register("./resolve.mjs", import.meta.url);
