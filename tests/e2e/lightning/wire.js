// How a stand-in gives a component what it has: LWC's protocol of wire adapters.

/** An adapter that gives a value by itself. */
export const Telling = (value) =>
  class {
    constructor(tell) {
      this.tell = tell;
    }
    connect() {
      this.tell(value());
    }
    update() {}
    disconnect() {}
  };

/** An adapter that gives `{data, error}` for what it is asked, later; `undefined` is nothing yet. */
export const Asking = (answer) =>
  class {
    constructor(tell) {
      this.tell = tell;
      this.isThere = false;
      tell({ data: undefined, error: undefined });
    }
    connect() {
      this.isThere = true;
    }
    async update(question) {
      this.question = JSON.stringify(question);
      const { question: mine } = this;
      await new Promise((resolve) => setTimeout(resolve));
      if (!this.isThere || mine !== this.question) return;
      try {
        const data = await answer(question);
        if (data !== undefined) this.tell({ data: frozen(data), error: undefined });
      } catch (error) {
        this.tell({ data: undefined, error });
      }
    }
    disconnect() {
      this.isThere = false;
    }
  };

/** What Salesforce gives cannot be changed. */
function frozen(value) {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
}
