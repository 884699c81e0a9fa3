// Types of the elements in JSX, for React 19: `import type {} from 'patchcord/react'`, once in a project.
//
// React sets what an element has as a property (`payload`, `record`, `assertion`) and the rest as an attribute; a
// listener is `on` and the event's name: `oncallbackqueued`.

import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type {
  Assertion,
  CrmRecord,
  Payload,
  PatchcordCallAttributes,
  PatchcordCallbackAttributes,
  PatchcordCallbackElement,
  PatchcordCallbackEventMap,
  PatchcordCallElement,
  PatchcordCallEventMap,
  PatchcordPanelAttributes,
  PatchcordPanelElement,
  PatchcordPanelEventMap,
  PatchcordScanAttributes,
  PatchcordScanElement,
  PatchcordScanEventMap,
  ScanRow,
  Texts,
} from './elements.js';

type Listeners<Events> = { [Name in keyof Events & string as `on${Name}`]?: (event: Events[Name]) => void };

interface Properties {
  payload?: Payload;
  assertion?: Assertion;
  texts?: Texts;
}

interface WithRecord extends Properties {
  record?: CrmRecord;
}

type Props<Element, Attributes, Events, Own = Properties> = Omit<
  DetailedHTMLProps<HTMLAttributes<Element>, Element>,
  keyof Attributes | keyof Own
> &
  Omit<Attributes, keyof Own> &
  Own &
  Listeners<Events>;

export type PatchcordCallProps = Props<PatchcordCallElement, PatchcordCallAttributes, PatchcordCallEventMap, WithRecord>;
export type PatchcordCallbackProps = Props<
  PatchcordCallbackElement,
  PatchcordCallbackAttributes,
  PatchcordCallbackEventMap,
  Properties & { fields?: PatchcordCallbackElement['fields']; captcha?: PatchcordCallbackElement['captcha'] }
>;
export type PatchcordPanelProps = Props<
  PatchcordPanelElement,
  PatchcordPanelAttributes,
  PatchcordPanelEventMap,
  WithRecord
>;
export type PatchcordScanProps = Props<
  PatchcordScanElement,
  PatchcordScanAttributes,
  PatchcordScanEventMap,
  WithRecord & { entity?: Record<string, ScanRow> }
>;

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'patchcord-call': PatchcordCallProps;
      'patchcord-callback': PatchcordCallbackProps;
      'patchcord-panel': PatchcordPanelProps;
      'patchcord-scan': PatchcordScanProps;
    }
  }
}
