// Types of the elements in Vue's templates: `import type {} from 'patchcord/vue'`, once in a project. The compiler has to
// know that they are no components: `isCustomElement: (tag) => tag.startsWith('patchcord-')`.

import type { HTMLAttributes, PublicProps } from 'vue';
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

type Listeners<Events> = {
  [Name in keyof Events & string as `on${Capitalize<Name>}`]?: (event: Events[Name]) => void;
};

interface Properties {
  payload?: Payload;
  assertion?: Assertion;
  texts?: Texts;
}

interface WithRecord extends Properties {
  record?: CrmRecord;
}

/** What Vue takes a custom element for. */
type VueElement<Element, Attributes, Events, Own = Properties> = new () => Element & {
  /** @deprecated Only for templates. */
  $props: Omit<HTMLAttributes, keyof Attributes | keyof Own> &
    PublicProps &
    Omit<Attributes, keyof Own> &
    Own &
    Listeners<Events>;
};

declare module 'vue' {
  interface GlobalComponents {
    'patchcord-call': VueElement<PatchcordCallElement, PatchcordCallAttributes, PatchcordCallEventMap, WithRecord>;
    'patchcord-callback': VueElement<
      PatchcordCallbackElement,
      PatchcordCallbackAttributes,
      PatchcordCallbackEventMap,
      Properties & { fields?: PatchcordCallbackElement['fields']; captcha?: PatchcordCallbackElement['captcha'] }
    >;
    'patchcord-panel': VueElement<PatchcordPanelElement, PatchcordPanelAttributes, PatchcordPanelEventMap, WithRecord>;
    'patchcord-scan': VueElement<
      PatchcordScanElement,
      PatchcordScanAttributes,
      PatchcordScanEventMap,
      WithRecord & { entity?: Record<string, ScanRow> }
    >;
  }
}
