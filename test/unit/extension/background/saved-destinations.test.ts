import type * as v from "valibot";
import { beforeEach, expect, test } from "vitest";
import {
  type DestinationKeysSchema,
  SavedDestinations,
  type SavedDestinationsSchema,
} from "../../../../extension/background/saved-destinations.ts";
import { MAX_DESTINATIONS } from "../../../../protocol/options.ts";

/** A value as the extension's storage has it. */
function stored<T>(value: T) {
  const store = {
    value,
    load: async () => store.value,
    update: async (change: (value: T) => T) => {
      store.value = change(store.value);
    },
  };
  return store;
}

let disk: ReturnType<typeof stored<v.InferOutput<typeof SavedDestinationsSchema>>>;
let memory: ReturnType<typeof stored<v.InferOutput<typeof DestinationKeysSchema>>>;
let destinations: SavedDestinations;
beforeEach(() => {
  disk = stored<v.InferOutput<typeof SavedDestinationsSchema>>([]);
  memory = stored<v.InferOutput<typeof DestinationKeysSchema>>({});
  destinations = new SavedDestinations({ saved: disk, keys: memory });
});

test("a key is in memory alone, unless it is to be kept; the list has none", async () => {
  const id = await destinations.add({ url: "twitch", key: "secret" }, false);
  await destinations.add({ url: "rtmp://user:word@server:1935/app", key: "other" }, true);
  expect(JSON.stringify(disk.value)).not.toContain("secret");
  expect(disk.value[1]).toMatchObject({ key: "other" });
  expect(await destinations.list()).toEqual([
    { id, name: "Twitch", on: true, has_key: true },
    { id: expect.any(String), name: "server:1935", on: true, has_key: true },
  ]);
  expect(await destinations.chosen()).toEqual([
    { url: "rtmp://live.twitch.tv/app", name: "Twitch", key: "secret" },
    { url: "rtmp://user:word@server:1935/app", key: "other" },
  ]);
});

test("after the browser's end a key that wasn't kept is missing, and said to be", async () => {
  await destinations.add({ url: "youtube", key: "secret" }, false);
  memory.value = {};
  expect(await destinations.list()).toMatchObject([{ name: "YouTube", has_key: false }]);
});

test("one that isn't chosen is left out of the next stream; one that is forgotten takes its key along", async () => {
  const id = await destinations.add({ url: "twitch", key: "secret" }, false);
  await destinations.choose(id, false);
  expect(await destinations.chosen()).toEqual([]);
  expect(await destinations.get(id)).toMatchObject({ key: "secret" });
  await destinations.forget(id);
  expect([disk.value, memory.value]).toEqual([[], {}]);
  await expect(destinations.get(id)).rejects.toMatchObject({ code: "destination_not_found" });
});

test("what is no destination, and one too many, are refused by name", async () => {
  await expect(destinations.add({ url: "nowhere" }, false)).rejects.toMatchObject({ code: "invalid_option" });
  for (let count = 0; count < MAX_DESTINATIONS; count++) await destinations.add({ url: "twitch" }, false);
  await expect(destinations.add({ url: "twitch" }, false)).rejects.toMatchObject({
    code: "invalid_option",
    details: { option: "destinations" },
  });
  expect(disk.value).toHaveLength(MAX_DESTINATIONS);
});
