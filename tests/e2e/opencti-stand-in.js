// A stand-in for Salesforce's opencti_min.js, which is on no registry: the documented methods of Open CTI for
// Lightning Experience, each with its documented arguments and no others. It runs in the softphone's frame and asks
// the page that frames it (org.js), in words of its own: what goes between the two is no part of the contract.
//
// Whatever is not documented is a `violation`, which fails the test, and throws as far as the real one does.
(() => {
  const query = new URLSearchParams(location.search);
  const origin = query.get('sfdcIframeOrigin');
  const tell = (message) => parent.postMessage({ standIn: true, ...message }, origin);

  const violation = (text) => {
    tell({ violation: text });
    throw new Error(text);
  };

  const string = (value) => typeof value === 'string';
  const number = (value) => typeof value === 'number' && Number.isFinite(value);
  const boolean = (value) => typeof value === 'boolean';
  const object = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const callable = (value) => typeof value === 'function';
  const oneOf = (list) => (value) => Object.values(list).includes(value);
  // Documented as text, and as an empty object where the method takes nothing.
  const parameters = (value) => string(value) || (object(value) && !Object.keys(value).length);

  const SCREENPOP_TYPE = {
    URL: 'url',
    SOBJECT: 'sobject',
    OBJECTHOME: 'objecthome',
    LIST: 'list',
    SEARCH: 'search',
    NEW_RECORD_MODAL: 'newRecord',
    FLOW: 'flow',
  };
  const CALL_TYPE = { INBOUND: 'inbound', OUTBOUND: 'outbound', INTERNAL: 'internal' };

  /** By method: what has to be given, what may be. `bare`: also without any argument. */
  const METHODS = {
    disableClickToDial: { bare: true, may: { callback: callable } },
    enableClickToDial: { bare: true, may: { callback: callable } },
    getAppViewInfo: { has: { callback: callable } },
    getCallCenterSettings: { has: { callback: callable } },
    getSoftphoneLayout: { has: { callback: callable } },
    isSoftphonePanelVisible: { has: { callback: callable } },
    notifyInitializationComplete: { bare: true, may: { callback: callable } },
    onClickToDial: { has: { listener: callable } },
    onNavigationChange: { has: { listener: callable } },
    refreshView: { bare: true, may: { callback: callable } },
    runApex: { has: { apexClass: string, methodName: string, methodParams: parameters }, may: { callback: callable } },
    saveLog: { has: { value: object }, may: { callback: callable } },
    screenPop: {
      has: { type: oneOf(SCREENPOP_TYPE), params: object },
      may: { defaultFieldValues: object, callback: callable },
    },
    searchAndScreenPop: {
      has: { callType: oneOf(CALL_TYPE) },
      may: { searchParams: string, queryParams: string, defaultFieldValues: object, deferred: boolean, callback: callable },
    },
    setSoftphoneItemIcon: { has: { key: string }, may: { callback: callable } },
    setSoftphoneItemLabel: { has: { label: string }, may: { callback: callable } },
    setSoftphonePanelHeight: { has: { heightPX: number }, may: { callback: callable } },
    setSoftphonePanelIcon: { has: { key: string }, may: { callback: callable } },
    setSoftphonePanelLabel: { has: { label: string }, may: { callback: callable } },
    setSoftphonePanelVisibility: { has: { visible: boolean }, may: { callback: callable } },
    setSoftphonePanelWidth: { has: { widthPX: number }, may: { callback: callable } },
  };

  const listeners = {};
  const callbacks = new Map();
  let calls = 0;

  const method =
    (name, { has = {}, may = {}, bare = false }) =>
    (...args) => {
      if (!(bare && args.length === 0) && (args.length !== 1 || !object(args[0]) || !Object.keys(args[0]).length)) {
        violation(`${name}: must be given one object with its arguments`);
      }
      const [given = {}] = args;
      for (const key of Object.keys(has)) if (!(key in given)) violation(`${name}: ${key} is missing`);
      for (const [key, value] of Object.entries(given)) {
        const check = has[key] ?? may[key];
        if (!check) violation(`${name}: there is no argument ${key}`);
        if (value !== undefined && !check(value)) violation(`${name}: ${key} is ${JSON.stringify(value)}`);
      }
      const { callback, listener, ...rest } = given;
      if (listener) (listeners[name] ??= []).push(listener);
      const id = calls++;
      if (callback) callbacks.set(id, callback);
      tell({ method: name, id, args: JSON.parse(JSON.stringify(rest)), isAnswered: Boolean(callback) });
    };

  const known = Object.fromEntries(Object.entries(METHODS).map(([name, spec]) => [name, method(name, spec)]));
  window.sforce = {
    opencti: new Proxy(Object.freeze({ ...known, SCREENPOP_TYPE, CALL_TYPE }), {
      get: (target, name) => target[name] ?? violation(`there is no ${String(name)}`),
    }),
  };
  if (!origin || !query.get('mode')) throw new Error('Open CTI was loaded from the wrong frame.');

  addEventListener('message', (event) => {
    if (event.origin !== origin || !event.data?.standIn) return;
    const { id, response, heard, payload } = event.data;
    if (heard) for (const listener of listeners[heard] ?? []) listener(payload);
    callbacks.get(id)?.(response);
    callbacks.delete(id);
  });
})();
