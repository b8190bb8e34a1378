import { expect, test } from "vitest";
import { rateChangesStall } from "../../../player/browser.ts";

const WEBKIT = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version";

test.each([
  [`Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT}/26.0 Safari/605.1.15`, true],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT}/26.0 Safari/605.1.15`, false],
  [`Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) ${WEBKIT}/26.0 Mobile/15E148 Safari/604.1`, false],
  ["Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36", false],
  ["Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", false],
])("%s", (agent, stalls) => expect(rateChangesStall(agent)).toBe(stalls));
