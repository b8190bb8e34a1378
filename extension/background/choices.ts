// What the user chose last for streams, as it is kept: the service worker writes it, and the popup reads it before that one is awake.
import * as v from "valibot";
import { ShareSchema } from "../../protocol/options.ts";
import { QUALITIES } from "../../protocol/profiles.ts";
import { DestinationKeysSchema, SavedDestinations, SavedDestinationsSchema } from "./saved-destinations.ts";
import { StoredValue } from "./storage.ts";

/** The stored values; `share` is `null` where the user never chose. */
export function storedChoices() {
  return {
    quality: new StoredValue("local", "quality", v.picklist(QUALITIES), "high"),
    share: new StoredValue("local", "share", v.nullable(ShareSchema), null),
    audio: new StoredValue("local", "audio", v.boolean(), true),
    destinations: new SavedDestinations({
      saved: new StoredValue("local", "destinations", SavedDestinationsSchema, []),
      keys: new StoredValue("session", "destination_keys", DestinationKeysSchema, {}),
    }),
  };
}
