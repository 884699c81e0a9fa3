// Stands in for `lightning/navigation`, as it is documented.

const Navigate = Symbol('Navigate');
const GenerateUrl = Symbol('GenerateUrl');

export const NavigationMixin = (Base) =>
  class extends Base {
    [Navigate](reference) {
      window.org.navigated.push(JSON.parse(JSON.stringify(reference)));
    }

    async [GenerateUrl]({ type, attributes: { objectApiName, recordId, actionName } }) {
      if (type !== 'standard__recordPage') throw new Error(`no address for ${type}`);
      return `/lightning/r/${objectApiName}/${recordId}/${actionName}`;
    }
  };

NavigationMixin.Navigate = Navigate;
NavigationMixin.GenerateUrl = GenerateUrl;
