// Collections, validators and indexes of the document store, for mongosh:
//
//   mongosh "mongodb://HOST:27017/load_profiles_db" --file create.js
//
// Running it again changes nothing: what exists gets today's validator, what is missing is made.
// Names and fields are those of energy_assets/contracts. MongoDB 5.0 or newer (time series).

const text = { bsonType: "string" };
const instant = { bsonType: "date" };
const bytes = { bsonType: "binData" };
const flag = { bsonType: "bool" };
const anything = {};
const count = { bsonType: ["int", "long"], minimum: 0 };
const whole = (limits) => ({ bsonType: ["int", "long"], ...limits });
const number = (limits) => ({ bsonType: ["double", "int", "long", "decimal"], ...limits });
const optional = (type) => ({ ...type, bsonType: [].concat(type.bsonType, "null") });

const atLeastZero = number({ minimum: 0 });
const anyNumber = number({});
const share = number({ minimum: 0, maximum: 1 });
const score = number({ maximum: 1 });

// `required` fields are there and not null; `optional` ones may be null or absent.
const collections = {
  customers: {
    required: { _id: text, customerRef: text },
    optional: {
      exportedAs: text,
      firstName: text,
      lastName: text,
      email: text,
      createdAt: instant,
      updatedAt: instant,
    },
    indexes: [{ keys: { email: 1 } }, { keys: { updatedAt: 1 } }],
  },
  meters: {
    required: { _id: text, customerRef: text },
    optional: {
      exportedAs: text,
      intervalMinutes: whole(),
      clock: text,
      lastReadingAt: instant,
      createdAt: instant,
      updatedAt: instant,
    },
    indexes: [{ keys: { customerRef: 1 } }],
  },
  meter_customers: {
    required: { serial: text, customerRef: text, createdAt: instant },
    optional: {},
    indexes: [{ keys: { serial: 1, customerRef: 1 }, unique: true }, { keys: { customerRef: 1 } }],
  },
  // MongoDB refuses validators and unique indexes on time series: who writes, checks.
  measurements: {
    timeseries: { timeField: "timestamp", metaField: "metadata", granularity: "minutes" },
    indexes: [
      { keys: { "metadata.serial": 1 } },
      { keys: { "metadata.serial": 1, timestamp: -1 } },
    ],
  },
  processed_files: {
    required: {
      fileName: text,
      objectKey: text,
      etag: text,
      sizeBytes: whole(),
      knownAt: instant,
      processedAt: instant,
      rowsIn: count,
      rowsStored: count,
      rowsDuplicate: count,
      rowsSuperseded: count,
      rowsQuarantined: count,
      rowsCorrected: count,
      serials: anything,
      customerRefs: anything,
    },
    optional: { content: text, s3Path: text, firstTimestamp: instant, lastTimestamp: instant },
    indexes: [
      { keys: { fileName: 1 }, unique: true },
      { keys: { objectKey: 1 } },
      { keys: { processedAt: 1 } },
      { keys: { content: 1 } },
    ],
  },
  quarantined_readings: {
    required: {
      fileId: text,
      rowNumber: whole({ minimum: 1 }),
      column: text,
      reason: text,
      remedy: text,
      rawRow: anything,
      knownAt: instant,
    },
    optional: { value: text, resolvedBy: text },
    indexes: [{ keys: { fileId: 1, rowNumber: 1 }, unique: true }, { keys: { reason: 1 } }],
  },
  customer_model: {
    required: {
      customerRef: text,
      modelId: text,
      model_data: bytes,
      model_metadata: anything,
      basis: text,
      last_trained_data_timestamp: instant,
      trained_at: instant,
    },
    optional: { mse: atLeastZero, r2_score: score },
    indexes: [{ keys: { customerRef: 1 }, unique: true }],
  },
  customer_model_versions: {
    required: {
      modelId: text,
      model_data: bytes,
      model_metadata: anything,
      basis: text,
      last_trained_data_timestamp: instant,
      trained_at: instant,
      customerRef: text,
    },
    optional: { mse: atLeastZero, r2_score: score },
    indexes: [{ keys: { modelId: 1 }, unique: true }, { keys: { customerRef: 1, trained_at: -1 } }],
  },
  customer_score: {
    required: {
      customerRef: text,
      modelId: text,
      family: text,
      windowStartAt: instant,
      windowEndAt: instant,
      rows: count,
      scoredAt: instant,
    },
    optional: {
      mae: atLeastZero,
      wape: atLeastZero,
      mase: atLeastZero,
      mse: atLeastZero,
      r2_score: score,
      pinball: atLeastZero,
      coverage_90: share,
      total_bias: anyNumber,
    },
    indexes: [{ keys: { customerRef: 1, modelId: 1, family: 1 }, unique: true }],
  },
  customer_prediction: {
    required: {
      customerRef: text,
      prediction_timestamp: instant,
      issued_at: instant,
      valid_at: instant,
      generated_at: instant,
      predicted_usage: atLeastZero,
      q05: atLeastZero,
      q10: atLeastZero,
      q25: atLeastZero,
      q50: atLeastZero,
      q75: atLeastZero,
      q90: atLeastZero,
      q95: atLeastZero,
      model_id: text,
      basis: text,
      imputed_share: share,
    },
    optional: { predicted_import_kwh: atLeastZero, mean: atLeastZero, data_known_at: instant },
    indexes: [
      { keys: { customerRef: 1, prediction_timestamp: 1, issued_at: 1 }, unique: true },
      { keys: { customerRef: 1, prediction_timestamp: -1 } },
    ],
  },
  locations: {
    required: {
      name: text,
      latitude: number({ minimum: -90, maximum: 90 }),
      longitude: number({ minimum: -180, maximum: 180 }),
      zone: text,
      updatedAt: instant,
    },
    optional: { country: text },
    indexes: [{ keys: { name: 1 }, unique: true }],
  },
  consumption_meters: {
    required: { meterType: text, meterId: text, updatedAt: instant },
    optional: {
      location: text,
      intervalMinutes: whole(),
      isRegister: flag,
      firstTimestamp: instant,
      lastTimestamp: instant,
    },
    indexes: [{ keys: { meterType: 1, meterId: 1 }, unique: true }, { keys: { location: 1 } }],
  },
  consumption_model: {
    required: {
      meterType: text,
      meterId: text,
      modelId: text,
      modelData: bytes,
      modelMetadata: anything,
      lastTrainedDataTimestamp: instant,
      trainedAt: instant,
    },
    optional: {},
    indexes: [
      { keys: { modelId: 1 }, unique: true },
      { keys: { meterType: 1, meterId: 1, trainedAt: -1 } },
    ],
  },
  consumption_score: {
    required: {
      meterType: text,
      meterId: text,
      modelId: text,
      family: text,
      weather: text,
      windowStartAt: instant,
      windowEndAt: instant,
      rows: count,
      scoredAt: instant,
    },
    optional: {
      mse: atLeastZero,
      rmse: atLeastZero,
      mae: atLeastZero,
      r2Score: score,
      mapePercent: atLeastZero,
      meanAccuracyPercent: anyNumber,
      alternativeAccuracyPercent: anyNumber,
      category: text,
      wape: atLeastZero,
      mase: atLeastZero,
      pinball: atLeastZero,
      coverage90: share,
      totalBias: anyNumber,
    },
    indexes: [
      { keys: { meterType: 1, meterId: 1, modelId: 1, family: 1, weather: 1 }, unique: true },
    ],
  },
  consumption_forecast: {
    required: {
      meterType: text,
      meterId: text,
      resolution: text,
      issuedAt: instant,
      validAt: instant,
      value: anyNumber,
      q05: anyNumber,
      q10: anyNumber,
      q25: anyNumber,
      q50: anyNumber,
      q75: anyNumber,
      q90: anyNumber,
      q95: anyNumber,
      modelId: text,
      basis: text,
      weather: text,
      imputedShare: share,
    },
    optional: { mean: anyNumber, temperature: anyNumber, dataKnownAt: instant },
    indexes: [
      { keys: { meterType: 1, meterId: 1, resolution: 1, issuedAt: 1, validAt: 1 }, unique: true },
    ],
  },
  consumption_explanation: {
    required: {
      meterType: text,
      meterId: text,
      issuedAt: instant,
      modelId: text,
      lines: anything,
      contributions: anything,
    },
    optional: {},
    indexes: [{ keys: { meterType: 1, meterId: 1, issuedAt: 1 }, unique: true }],
  },
  leak_suspicion: {
    required: {
      meterType: text,
      meterId: text,
      judgedAt: instant,
      suspected: flag,
      evidence: anything,
    },
    optional: { nightFlow: atLeastZero },
    indexes: [{ keys: { meterType: 1, meterId: 1, judgedAt: 1 }, unique: true }],
  },
  champions: {
    required: {
      flow: text,
      seriesKey: text,
      decidedAt: instant,
      family: text,
      pinned: flag,
      reason: text,
      errors: anything,
    },
    optional: { previousFamily: text },
    indexes: [{ keys: { flow: 1, seriesKey: 1, decidedAt: 1 }, unique: true }],
  },
  family_models: {
    required: {
      flow: text,
      seriesKey: text,
      family: text,
      modelId: text,
      modelData: bytes,
      modelMetadata: anything,
      lastTrainedDataTimestamp: instant,
      trainedAt: instant,
    },
    optional: {},
    indexes: [
      { keys: { modelId: 1, flow: 1, seriesKey: 1 }, unique: true },
      { keys: { flow: 1, seriesKey: 1, family: 1, trainedAt: -1 } },
    ],
  },
  forecast_scores: {
    required: {
      flow: text,
      seriesKey: text,
      unit: text,
      issuedAt: instant,
      originAt: instant,
      resolution: text,
      leadDay: whole({ minimum: 1, maximum: 14 }),
      validAt: instant,
      family: text,
      served: flag,
      modelId: text,
      basis: text,
      weather: text,
      rows: whole({ minimum: 1 }),
      actualSum: anyNumber,
      absoluteActualSum: atLeastZero,
      meanSum: anyNumber,
      absoluteErrorSum: atLeastZero,
      squaredErrorSum: atLeastZero,
      pinballSum: atLeastZero,
      covered90: count,
      winklerSum: atLeastZero,
      scoredAt: instant,
      knownAt: instant,
    },
    optional: {},
    indexes: [
      {
        keys: { flow: 1, seriesKey: 1, issuedAt: 1, resolution: 1, leadDay: 1, family: 1 },
        unique: true,
      },
      { keys: { validAt: 1 } },
    ],
  },
};

function validatorOf({ required, optional: rest }) {
  const properties = { ...required };
  for (const [field, type] of Object.entries(rest)) {
    properties[field] = optional(type);
  }
  return { $jsonSchema: { bsonType: "object", required: Object.keys(required), properties } };
}

function createOptions(spec) {
  if (spec.timeseries) {
    return { timeseries: spec.timeseries };
  }
  // moderate: a document that was there before may still be updated.
  return {
    validator: validatorOf(spec),
    validationLevel: "moderate",
    validationAction: "error",
  };
}

function ensureCollection(name, spec) {
  const found = db.getCollectionInfos().find((info) => info.name === name);
  if (!found) {
    db.createCollection(name, createOptions(spec));
    return spec.timeseries ? "created as a time series" : "created with its validator";
  }
  if (!spec.timeseries) {
    db.runCommand({ collMod: name, ...createOptions(spec) });
    return "was there; validator brought up to date";
  }
  if (found.type === "timeseries") {
    return "was there as a time series";
  }
  return (
    "WARNING: was there as an ordinary collection, which takes several times the space. " +
    "Rename it, run this again, and copy its documents into the new one"
  );
}

for (const [name, spec] of Object.entries(collections)) {
  const outcome = ensureCollection(name, spec);
  for (const { keys, unique } of spec.indexes) {
    db.getCollection(name).createIndex(keys, unique ? { unique: true } : {});
  }
  print(`${name}: ${outcome}; ${spec.indexes.length} index(es) in place`);
}
