// Type-checks Flux with InfluxData's own compiler: one JSON text a line in, true or false a line out.
const readline = require("node:readline");
const { Flux } = require(process.argv[2]);

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  let valid = false;
  try {
    valid = new Flux(JSON.parse(line)).is_valid();
  } catch (error) {
    console.error(String(error));
  }
  process.stdout.write(`${JSON.stringify(valid)}\n`);
});
