// The page's end of the bridge to the phone's frame (docs/hosts.md). What the relay serves as patchcord-frame.js does the
// same for any page; a component cannot load a script from elsewhere, so it has one of its own, with the same messages.

const VERSION = 1;
/** A click is kept for so long while the phone does not listen yet: milliseconds. */
const KEPT = 10_000;
/** What was sent is answered within this, or nobody knows: milliseconds. */
const ANSWERED = 60_000;

/** What a request was refused for: a code and a text. */
export class PatchcordError extends Error {
    constructor({ code, message }) {
        super(message ?? code);
        this.code = code;
    }
}

/**
 * Talks with the phone in an iframe.
 *
 * @param {HTMLIFrameElement} frame
 * @param {string} relay the relay's address
 * @param {object} host `assertion()` and `log(entry)` answer with promises; `agent(state)`, `call(call)`, `show(target)`,
 *   `size(size)` and `reveal()` are told
 */
export function talk(frame, relay, host) {
    const { origin } = new URL(relay);
    /** Requests by their id: `{message, keptSince?, give, refuse, isSent, timer}`; times as of `performance.now()`. */
    const requests = new Map();
    /** What the phone has asked for, by its id: each is done once, and answered again with the same. */
    const served = new Map();
    let isWelcome = false;
    let isKnown = false;
    /** Whether the phone can be seen, as it was said last. A phone begins as one that can. */
    let isSeen = true;

    const send = (message) => frame.contentWindow?.postMessage({ patchcord: VERSION, ...message }, origin);

    const settle = (asked, error, value) => {
        clearTimeout(asked.timer);
        requests.delete(asked.message.id);
        if (error) asked.refuse(new PatchcordError(error));
        else asked.give(value);
    };

    const refuseAfter = (limit, asked, problem) => {
        clearTimeout(asked.timer);
        // eslint-disable-next-line @lwc/lwc/no-async-operation
        asked.timer = setTimeout(() => settle(asked, problem), limit);
    };

    const refuseAll = (which, problem) => {
        for (const asked of [...requests.values()]) if (which(asked)) settle(asked, problem);
    };

    const deliver = (asked) => {
        if (asked.isSent) return;
        asked.isSent = true;
        refuseAfter(ANSWERED, asked, { code: "no_reply", message: "The phone did not say what became of it." });
        // What was kept here is kept for so much less there.
        const { message, keptSince } = asked;
        send(keptSince === undefined ? message : { ...message, age: performance.now() - keptSince });
    };

    const greet = () => {
        // Once more: the frame was loaded anew. What its old page was asked for it may have done.
        if (isKnown) {
            isWelcome = false;
            refuseAll(({ isSent }) => isSent, { code: "interrupted", message: "The phone was reloaded. It may have dialled." });
        }
        isKnown = true;
        send({ type: "hello" });
    };

    const serve = async ({ id, type }, work) => {
        if (!served.has(id)) served.set(id, work());
        try {
            const value = await served.get(id);
            send({ type: "answer", re: id, value: type === "assertion" ? value : null });
        } catch (error) {
            // What has failed may be asked for anew.
            served.delete(id);
            const message = error?.body?.message ?? error?.message ?? String(error);
            send({ type: "answer", re: id, error: { code: "internal", message } });
        }
    };

    const hear = ({ data, origin: from, source }) => {
        // Only the relay, and only this frame of it.
        if (from !== origin || !source || source !== frame.contentWindow) return;
        if (data?.patchcord !== VERSION) return;
        switch (data.type) {
            case "ready":
                greet();
                break;
            case "welcome":
                isWelcome = true;
                if (!isSeen) send({ type: "visible", visible: false });
                for (const asked of [...requests.values()]) deliver(asked);
                break;
            case "answer":
                if (requests.has(data.re)) settle(requests.get(data.re), data.error, data.value);
                break;
            case "assertion":
                serve(data, () => host.assertion());
                break;
            case "log":
                serve(data, () => host.log(data.entry));
                break;
            case "agent":
                host.agent(data.state);
                break;
            case "call":
                host.call(data.call);
                break;
            case "show":
                host.show(data);
                break;
            case "size":
                host.size(data);
                break;
            case "reveal":
                host.reveal();
                break;
            default:
            // A newer phone may have more to tell.
        }
    };

    window.addEventListener("message", hear);

    return {
        /**
         * Has the phone dial. Rejects with a `PatchcordError`; nothing was placed then, but for `no_reply` and
         * `interrupted`, where nobody knows.
         */
        dial(request) {
            return new Promise((give, refuse) => {
                const id = window.crypto.randomUUID();
                // A copy: what a component holds may be a proxy, which cannot be sent to another window.
                const message = { ...JSON.parse(JSON.stringify(request)), type: "dial", id };
                const asked = { message, give, refuse, isSent: false };
                requests.set(id, asked);
                if (isWelcome) {
                    deliver(asked);
                    return;
                }
                asked.keptSince = performance.now();
                refuseAfter(KEPT, asked, { code: "expired", message: "The phone was not ready in time. Nothing was dialled." });
            });
        },
        /** Says whether the phone can be seen; kept until the phone listens. */
        visible(isVisible) {
            isSeen = isVisible;
            if (isWelcome) send({ type: "visible", visible: isVisible });
        },
        close() {
            window.removeEventListener("message", hear);
            refuseAll(() => true, { code: "cancelled", message: "The phone was closed." });
        },
    };
}
