// Stands in for `lightning/flowSupport`, as it is documented.

export class FlowAttributeChangeEvent extends CustomEvent {
  constructor(attributeName, newValue) {
    super('lightning__flowattributechange', { bubbles: true, composed: true, detail: { attributeName, newValue } });
  }
}
