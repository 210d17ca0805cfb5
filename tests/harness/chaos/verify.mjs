// Verify what a receiver took down with the official library of Node.
// node verify.mjs FOLDER-OF-THE-PACKAGES FILE

import { createReadStream } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const [packages, file] = process.argv.slice(2);
const { Webhook } = createRequire(`${packages}/`)("standardwebhooks");

let verified = 0;
const failed = [];
for await (const line of createInterface({ input: createReadStream(file) })) {
  const call = JSON.parse(line);
  // The library refuses what is older than five minutes: it is asked as of when this came.
  Date.now = () => call.at * 1000;
  try {
    new Webhook(call.secret).verify(Buffer.from(call.body, "base64"), call.headers);
    verified += 1;
  } catch (error) {
    failed.push(`${call.path}: ${error.message}`);
  }
}
console.log(JSON.stringify({ verified, failed: failed.length, first: failed.slice(0, 5) }));
