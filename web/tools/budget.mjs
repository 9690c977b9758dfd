// What a browser loads before the first page can be seen must stay small; prints every chunk, fails over the budget.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const BUDGET_KB = 180;
const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const entries = Object.keys(manifest).filter((name) => manifest[name].isEntry);
if (entries.length === 0) throw new Error("the build has no entry");

const kilobytes = (file) => gzipSync(readFileSync(new URL(file, dist))).length / 1000;
const first = new Set();
const visit = (name) => {
  if (first.has(name)) return;
  first.add(name);
  for (const next of manifest[name].imports ?? []) visit(next);
};
for (const name of entries) visit(name);

let initial = 0;
for (const [name, { file }] of Object.entries(manifest)) {
  if (!file.endsWith(".js")) continue;
  const size = kilobytes(file);
  if (first.has(name)) initial += size;
  process.stdout.write(`${first.has(name) ? "first" : "later"} ${size.toFixed(1).padStart(7)} kB  ${file}\n`);
}
process.stdout.write(`initial JavaScript: ${initial.toFixed(1)} kB gzip, budget ${BUDGET_KB} kB\n`);
if (initial > BUDGET_KB) {
  process.stderr.write(`over the budget by ${(initial - BUDGET_KB).toFixed(1)} kB: load a page or a library later\n`);
  process.exit(1);
}
