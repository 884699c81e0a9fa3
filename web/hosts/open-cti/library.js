// Salesforce's own library, which a softphone loads from the org that shows it. It is never a part of Patchcord.

/** Served by every org since Spring '26, and supported beyond the end of Open CTI. */
const VERSION = "66.0";

/** How long the platform may take, in ms. Its callbacks have no limit of their own. */
const PATIENCE = 2e4;

/** Every text that says something in the platform's errors; `saveLog` puts the fields' own deep inside. */
const textsIn = (value) => {
  if (typeof value == "string") return [value];
  if (!value || typeof value != "object") return [];
  const { description, message, ...more } = value;
  return [description, message, ...Object.values(more).filter((inner) => typeof inner == "object")].flatMap(textsIn);
};

/** A problem with the platform's own words, or its code where it has none; `errors` are the platform's. */
const problem = (method, errors) => {
  const said = [...new Set(textsIn(errors))].join(" ") || [errors].flat()[0]?.code;
  return { code: "host_refused", message: `Salesforce, ${method}: ${said || "refused"}`, errors };
};

/**
 * Loads the library from `origin`, which has been found in the list.
 * @returns {Promise<{ask, listen, constant}>} `ask(method, args?, patience?)` → promise of the platform's `returnValue`;
 *   `listen(method, listener)`; `constant(list, name)`
 */
export const load = async (origin) => {
  const script = document.createElement("script");
  script.src = `${origin}/support/api/${VERSION}/lightning/opencti_min.js`;
  await new Promise((done, fail) => {
    script.onload = done;
    script.onerror = () => fail({ code: "host_unreachable", message: `Salesforce's library could not be loaded from ${origin}.` });
    document.head.append(script);
  });
  // Asked for each time: the library is no promise, and may not be taken for one.
  const library = () => window.sforce.opencti;
  return {
    ask: (method, args, patience = PATIENCE) =>
      new Promise((done, fail) => {
        const late = { code: "host_silent", message: `Salesforce, ${method}: no answer.` };
        const timer = setTimeout(fail, patience, late);
        const callback = ({ success, returnValue, errors }) => {
          clearTimeout(timer);
          if (success) done(returnValue);
          else fail(problem(method, errors));
        };
        try {
          library()[method]({ ...args, callback });
        } catch (error) {
          clearTimeout(timer);
          fail(problem(method, error?.message ?? String(error)));
        }
      }),
    listen: (method, listener) => library()[method]({ listener }),
    constant: (list, name) => library()[list][name],
  };
};
