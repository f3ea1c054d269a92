// What InfluxData's own compiler says of Flux: one JSON text a line in, one JSON object a line out.
//   valid: whether syntax and types are sound
//   shape: the syntax tree without positions and without what string literals say
//   texts: what the string literals say, in their order
const readline = require("node:readline");
const { Flux, parse } = require(process.argv[2]);

function taken(node, texts) {
  if (Array.isArray(node)) return node.map((each) => taken(each, texts));
  if (node === null || typeof node !== "object") return node;
  if (node.type === "StringLiteral") {
    texts.push(node.value);
    return "text";
  }
  const kept = Object.entries(node).filter(([name]) => name !== "location");
  return Object.fromEntries(kept.map(([name, value]) => [name, taken(value, texts)]));
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const flux = JSON.parse(line);
  const texts = [];
  const shape = JSON.stringify(taken(parse(flux), texts));
  const valid = new Flux(flux).is_valid();
  process.stdout.write(`${JSON.stringify({ valid, shape, texts })}\n`);
});
