#!/usr/bin/env bash
# aws4fetch signs for S3 and finds service and region in the address. Many stores speak S3 under
# names of their own: storage of hosting companies, or a server on 127.0.0.1:9000.
# Expected: "s3" for such an address, or an error that asks for service and region.
# What happens: the service is the empty text and the region us-east-1, whatever stands in the
# name (eu-central-1 below), and the request is signed with the scope
# "…/us-east-1//aws4_request"; the path is encoded twice as well, as for services other than S3.
# Why it matters: the store answers SignatureDoesNotMatch, which reads like a wrong secret.
# Source: AWS Signature Version 4, credential scope and canonical URI (S3 isn't encoded twice).
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

npm init -y >/dev/null
timeout 120 npm install --silent --no-audit --no-fund --ignore-scripts aws4fetch@1.0.20
echo "versions: aws4fetch 1.0.20, Node $(node --version)"

cat >probe.mjs <<'JS'
import { AwsV4Signer } from "aws4fetch";

const look = async (url, options = {}) => {
  const signer = new AwsV4Signer({
    method: "PUT", url, accessKeyId: "EXAMPLE", secretAccessKey: "not-a-secret", datetime: "20261127T100000Z", ...options,
  });
  const { headers } = await signer.sign();
  const scope = headers.get("authorization").match(/EXAMPLE\/([^,]*)/)[1];
  return `${scope} ${signer.encodedPath}`;
};
const seen = [
  await look("https://bucket.s3.eu-central-1.amazonaws.com/a%20b.m4s"),
  await look("https://s3.eu-central-1.store.example/bucket/a%20b.m4s"),
  await look("http://127.0.0.1:9000/bucket/a%20b.m4s"),
  await look("http://127.0.0.1:9000/bucket/a%20b.m4s", { service: "s3", region: "eu-central-1" }),
];
console.log("expected: …/eu-central-1/s3/aws4_request and a%20b.m4s for the second, s3 for the third");
for (const line of seen) console.log("seen:    ", line);

const before = [
  "20261127/eu-central-1/s3/aws4_request /a%20b.m4s",
  "20261127/us-east-1//aws4_request /bucket/a%2520b.m4s",
  "20261127/us-east-1//aws4_request /bucket/a%2520b.m4s",
  "20261127/eu-central-1/s3/aws4_request /bucket/a%20b.m4s",
];
const same = seen.join() === before.join();
console.log(same ? "as recorded" : "CHANGED: not what was recorded");
process.exitCode = same ? 0 : 1;
JS
timeout 60 node probe.mjs
