// The built-ins that the page's world needs, taken before any script of the page could replace them. The content script needs
// none of this: its world has built-ins of its own, which the page can't reach.

/** The built-ins. */
export interface Primordials {
  readonly apply: typeof Reflect.apply;
  readonly defineProperty: typeof Object.defineProperty;
  readonly freeze: typeof Object.freeze;
  readonly Promise: PromiseConstructor;
  readonly Error: ErrorConstructor;
  readonly String: StringConstructor;
  /** `port.postMessage(message)`. */
  readonly post: (port: MessagePort, message: unknown) => void;
  /** `event.data`. */
  readonly dataOf: (event: MessageEvent) => unknown;
}

/** Takes them; call it while the document starts. */
export function takePrimordials(): Primordials {
  const { apply } = Reflect;
  const { defineProperty, freeze, getOwnPropertyDescriptor } = Object;
  const { postMessage } = MessagePort.prototype;
  const data = getOwnPropertyDescriptor(MessageEvent.prototype, "data")?.get;
  return freeze({
    apply,
    defineProperty,
    freeze,
    Promise,
    Error,
    String,
    post: (port: MessagePort, message: unknown) => {
      apply(postMessage, port, [message]);
    },
    dataOf: (event: MessageEvent) => (data ? (apply(data, event, []) as unknown) : event.data),
  });
}
