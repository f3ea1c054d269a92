// What create.js asks of a database, as JSON: node record_create.js create.js '[{"name":…}]'
//
// The last argument lists the collections that are there already. Asking for what MongoDB refuses
// is an error here too: validators and unique indexes on time series.

const fs = require("node:fs");

const [script, existing] = process.argv.slice(2);
const found = JSON.parse(existing ?? "[]");
const recorded = { created: {}, modified: {}, indexes: {}, printed: [] };

const db = {
  getCollectionInfos: () => found,
  createCollection(name, options) {
    if (options.timeseries && options.validator) {
      throw new Error(`${name}: 'timeseries' is not allowed with 'validator'`);
    }
    recorded.created[name] = options;
  },
  runCommand({ collMod, ...options }) {
    recorded.modified[collMod] = options;
  },
  getCollection: (name) => ({
    createIndex(keys, options) {
      if (options.unique && recorded.created[name]?.timeseries) {
        throw new Error(`${name}: unique indexes are not supported on time series`);
      }
      (recorded.indexes[name] ??= []).push([Object.entries(keys), options]);
    },
  }),
};

const run = new Function("db", "print", fs.readFileSync(script, "utf8"));
run(db, (line) => recorded.printed.push(line));
console.log(JSON.stringify(recorded));
