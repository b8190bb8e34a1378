// The schemas of the control API by their names in the OpenAPI document.
import type * as v from "valibot";
import { ClipOptionsSchema, ClipResultSchema } from "../../protocol/clips.ts";
import {
  AdmitTabRequestSchema,
  AdmitTabResultSchema,
  BeginPrivateRequestSchema,
  CONTROL_EVENTS,
  HealthzSchema,
  NoticeResultSchema,
  NoticeSchema,
  PrivateResultSchema,
  ProblemSchema,
  RecordingListSchema,
  SetQualityRequestSchema,
  SetSharingRequestSchema,
  StartRecordingRequestSchema,
  StartStreamRequestSchema,
  StreamListSchema,
  TabListSchema,
  WallSchema,
} from "../../protocol/control-api.ts";
import { HandOffOptionsSchema, PickerSchema, ShownSchema } from "../../protocol/control-messages.ts";
import { ErrorInWordsSchema } from "../../protocol/errors.ts";
import {
  CreateLinkOptionsSchema,
  CreateLinkResultSchema,
  LinkStatusSchema,
  RevokeLinkResultSchema,
} from "../../protocol/links.ts";
import { TabInWordsSchema, TabReferenceSchema } from "../../protocol/native-messages.ts";
import {
  DestinationOptionsSchema,
  StartRecordingOptionsSchema,
  StartStreamOptionsSchema,
} from "../../protocol/options.ts";
import {
  ChapterSchema,
  DestinationStatusInWordsSchema,
  RecordingInfoInWordsSchema,
  StartRecordingResultSchema,
  StartStreamResultInWordsSchema,
  StopRecordingResultInWordsSchema,
  StopStreamResultInWordsSchema,
  StreamInfoInWordsSchema,
  StreamStatusInWordsSchema,
  TaskSchema,
} from "../../protocol/results.ts";
import { StartTraceSchema } from "../../protocol/start-trace.ts";
import { BeginTaskSchema, TaskEventSchema, UpdateTaskRequestSchema } from "../../protocol/task-messages.ts";

/** The schemas that have a name in the document; the same that the code validates with. */
export const SCHEMAS = {
  Problem: ProblemSchema,
  SerializedError: ErrorInWordsSchema,
  Healthz: HealthzSchema,
  Tab: TabInWordsSchema,
  TabReference: TabReferenceSchema,
  TabList: TabListSchema,
  DestinationOptions: DestinationOptionsSchema,
  DestinationStatus: DestinationStatusInWordsSchema,
  StartStreamOptions: StartStreamOptionsSchema,
  StartStreamRequest: StartStreamRequestSchema,
  StartStreamResult: StartStreamResultInWordsSchema,
  AdmitTabRequest: AdmitTabRequestSchema,
  AdmitTabResult: AdmitTabResultSchema,
  Notice: NoticeSchema,
  NoticeResult: NoticeResultSchema,
  SetQualityRequest: SetQualityRequestSchema,
  SetSharingRequest: SetSharingRequestSchema,
  CreateLinkOptions: CreateLinkOptionsSchema,
  CreateLinkResult: CreateLinkResultSchema,
  RevokeLinkResult: RevokeLinkResultSchema,
  LinkStatus: LinkStatusSchema,
  HandOffOptions: HandOffOptionsSchema,
  Picker: PickerSchema,
  Shown: ShownSchema,
  Wall: WallSchema,
  StopStreamResult: StopStreamResultInWordsSchema,
  StreamInfo: StreamInfoInWordsSchema,
  StreamList: StreamListSchema,
  StreamStatus: StreamStatusInWordsSchema,
  StartTrace: StartTraceSchema,
  ClipOptions: ClipOptionsSchema,
  ClipResult: ClipResultSchema,
  StartRecordingOptions: StartRecordingOptionsSchema,
  StartRecordingRequest: StartRecordingRequestSchema,
  StartRecordingResult: StartRecordingResultSchema,
  StopRecordingResult: StopRecordingResultInWordsSchema,
  Chapter: ChapterSchema,
  RecordingInfo: RecordingInfoInWordsSchema,
  RecordingList: RecordingListSchema,
  BeginPrivateRequest: BeginPrivateRequestSchema,
  PrivateResult: PrivateResultSchema,
  BeginTask: BeginTaskSchema,
  UpdateTask: UpdateTaskRequestSchema,
  Task: TaskSchema,
  TaskEvent: TaskEventSchema,
  ViewersEvent: CONTROL_EVENTS.viewers,
  ResetEvent: CONTROL_EVENTS.reset,
} as const satisfies Record<string, v.GenericSchema>;
/** Name of a schema in the document. */
export type SchemaName = keyof typeof SCHEMAS;

/** The schema of each server-sent event, by the event's name. */
export const EVENT_SCHEMAS = {
  stream: "StreamInfo",
  viewers: "ViewersEvent",
  task: "TaskEvent",
  recording: "RecordingInfo",
  reset: "ResetEvent",
} as const satisfies Record<keyof typeof CONTROL_EVENTS, SchemaName>;
