// That the table of errors is one: a code in one family only, and an entry of every code that can be shown to people and programs.
import { expect, test } from "vitest";
import { CALL_ERRORS } from "../../../protocol/error-families/call-errors.ts";
import { DELIVERY_ERRORS } from "../../../protocol/error-families/delivery-errors.ts";
import { HTTP_ERRORS } from "../../../protocol/error-families/http-errors.ts";
import { PROGRAM_ERRORS } from "../../../protocol/error-families/program-errors.ts";
import { RECORDING_ERRORS } from "../../../protocol/error-families/recording-errors.ts";
import { STREAM_ERRORS } from "../../../protocol/error-families/stream-errors.ts";
import { ERRORS } from "../../../protocol/error-table.ts";
import { type ErrorCode, FlyBrowserError } from "../../../protocol/errors.ts";

const FAMILIES = [CALL_ERRORS, PROGRAM_ERRORS, STREAM_ERRORS, DELIVERY_ERRORS, RECORDING_ERRORS, HTTP_ERRORS];
const codes = Object.keys(ERRORS) as ErrorCode[];

test("every code is in one family only", () => {
  const all = FAMILIES.flatMap((family) => Object.keys(family));
  expect(all.filter((code, at) => all.indexOf(code) !== at)).toEqual([]);
  expect(codes.toSorted()).toEqual(all.toSorted());
});

test.each(codes)("%s says what happened, what to do, and has a status of HTTP errors", (code) => {
  const { message, fix, status } = ERRORS[code];
  expect(message).not.toBe("");
  expect(fix).toMatch(/^[A-Z`{].*[.}]$/);
  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(600);
});

test("the details of an error fill the places of its message and its fix", () => {
  const error = new FlyBrowserError("rate_limited", { limit: "5 a minute", seconds: 12 });
  expect(error).toMatchObject({ message: "Too many calls: at most 5 a minute.", fix: "Wait 12 s, then call again." });
  expect(error.status).toBe(429);
});
