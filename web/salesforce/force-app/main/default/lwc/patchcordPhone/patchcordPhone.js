// The phone, for the utility bar: a frame of the relay, which has no telephony licence of Salesforce's to ask for.

import assertion from "@salesforce/apex/PatchcordController.assertion";
import find from "@salesforce/apex/PatchcordController.find";
import log from "@salesforce/apex/PatchcordController.log";
import settings from "@salesforce/apex/PatchcordController.settings";
import IN_CALL from "@salesforce/label/c.PatchcordInCall";
import PHONE from "@salesforce/label/c.PatchcordPhone";
import RINGING from "@salesforce/label/c.PatchcordRinging";
import SIGNED_OUT from "@salesforce/label/c.PatchcordSignedOut";
import DIAL from "@salesforce/messageChannel/PatchcordDial__c";
import { talk } from "c/patchcordFrame";
import { APPLICATION_SCOPE, MessageContext, publish, subscribe, unsubscribe } from "lightning/messageService";
import { NavigationMixin } from "lightning/navigation";
import { EnclosingUtilityId, open, updateUtility } from "lightning/platformUtilityBarApi";
import { LightningElement, api, wire } from "lwc";

/** States after which nothing more is told of a call. */
const OVER = /^(ended|refused|unknown|handed_over)$/;
/** What the utility bar shows: in a call, while it rings, signed out, else. */
const CONNECTED = { label: IN_CALL, icon: "end_call", iconVariant: "success", highlighted: false };
const RINGS = { label: RINGING, icon: "call", iconVariant: "warning", highlighted: true };
const OUT = { label: SIGNED_OUT, icon: "call", iconVariant: "error", highlighted: false };
const QUIET = { label: PHONE, icon: "call", iconVariant: "", highlighted: false };

export default class PatchcordPhone extends NavigationMixin(LightningElement) {
    /** The name of the host at the relay; by default that of the settings. */
    @api host;

    settings;
    said = "";
    label = PHONE;
    isSignedOut = false;
    subscription;
    /** What this phone is known by: a page may have several, and a click is meant for one. */
    key = window.crypto.randomUUID();
    phone;
    watch;
    /** The states of the calls that are not over, by their ids. */
    calls = new Map();
    /** The clicks that the phone took from buttons, by the ids of their calls. */
    clicks = new Map();
    /** Clicks that the phone is asked to take, and how calls stand that may be theirs. */
    asked = 0;
    early = new Map();
    /** What was told the utility bar last. */
    look;

    @wire(MessageContext)
    messageContext;

    @wire(EnclosingUtilityId)
    utilityId;

    @wire(settings)
    takeSettings({ data, error }) {
        if (error) this.say(error);
        if (data) this.settings = data;
    }

    get address() {
        const host = this.host || this.settings?.host;
        return host ? `${this.settings.relay}/hosts/${encodeURIComponent(host)}` : undefined;
    }

    renderedCallback() {
        if (this.phone || !this.refs?.frame) return;
        const { frame } = this.refs;
        // Before the frame has an address: its first word must not be missed.
        this.phone = talk(frame, this.settings.relay, {
            assertion: () => assertion(),
            log: (entry) => this.keep(entry),
            agent: (state) => this.agent(state),
            call: (call) => this.call(call),
            show: (target) => this.show(target),
            // The utility bar says how large it is (App Manager, Utility Items).
            size: () => {},
            reveal: () => this.reveal(),
        });
        frame.src = this.address;
        this.watch = new IntersectionObserver((seen) => this.phone.visible(seen[seen.length - 1].isIntersecting));
        this.watch.observe(frame);
        this.subscription = subscribe(this.messageContext, DIAL, (message) => this.hear(message), { scope: APPLICATION_SCOPE });
        this.publish({ type: "here", phone: this.key });
    }

    disconnectedCallback() {
        if (!this.phone) return;
        this.publish({ type: "gone", phone: this.key });
        unsubscribe(this.subscription);
        this.watch.disconnect();
        this.phone.close();
        this.phone = undefined;
    }

    publish(message) {
        publish(this.messageContext, DIAL, message);
    }

    async hear({ type, phone, id, request }) {
        if (type === "hello") this.publish({ type: "here", phone: this.key });
        if (type !== "dial" || phone !== this.key) return;
        this.reveal();
        this.asked += 1;
        try {
            const call = await this.phone.dial(request);
            this.publish({ type: "answer", re: id });
            this.clicks.set(call.id, id);
            if (this.early.has(call.id)) this.tellButton(this.early.get(call.id));
        } catch ({ code, message }) {
            this.publish({ type: "answer", re: id, error: { code, message } });
        }
        this.asked -= 1;
        if (this.asked === 0) this.early.clear();
    }

    agent(state) {
        this.isSignedOut = state === "signed_out" || state === "stopped";
        this.paint();
    }

    call(call) {
        const { id, state } = call;
        if (this.clicks.has(id)) this.tellButton(call);
        else if (this.asked > 0) this.early.set(id, call);
        if (OVER.test(state)) this.calls.delete(id);
        else this.calls.set(id, state);
        this.paint();
    }

    /** Tells a button what became of its click: whether the platform took it is known only later. */
    tellButton({ id, state, code, message }) {
        const told = { type: "call", re: this.clicks.get(id), state };
        if (state === "refused" || state === "unknown") told.error = { code, message };
        this.publish(told);
        if (OVER.test(state)) this.clicks.delete(id);
    }

    async show({ record, number }) {
        try {
            const only = record ?? (await this.ownerOf(number));
            if (!only || (only.system ?? "salesforce") !== "salesforce") return;
            this[NavigationMixin.Navigate]({
                type: "standard__recordPage",
                attributes: { recordId: only.id, objectApiName: only.type, actionName: "view" },
            });
        } catch (error) {
            this.say(error);
        }
    }

    /** Who has a number; nobody where several have it: the agent sees it in the phone and decides. */
    async ownerOf(number) {
        const [only, ...more] = await find({ phone: number });
        return only && more.length === 0 ? { system: "salesforce", ...only } : undefined;
    }

    /** Has Salesforce keep a call. Who called is looked up again: the phone may have been reloaded since it rang. */
    async keep(entry) {
        const isUnknown = entry.direction === "incoming" && !entry.record;
        // A call whose caller cannot be looked up is kept all the same.
        const record = isUnknown ? await this.ownerOf(entry.number).catch(() => undefined) : undefined;
        return log({ entry: JSON.stringify(record ? { name: record.name, ...entry, record } : entry) });
    }

    /** Brings the phone to the front. On a page of its own there is nothing to open. */
    async reveal() {
        try {
            if (this.utilityId) await open(this.utilityId, { autoFocus: true });
        } catch (error) {
            this.say(error);
        }
    }

    async paint() {
        const states = [...this.calls.values()];
        let look = this.isSignedOut ? OUT : QUIET;
        if (states.includes("ringing")) look = RINGS;
        if (states.includes("connected")) look = CONNECTED;
        if (look === this.look || !this.utilityId) return;
        this.look = look;
        try {
            await updateUtility(this.utilityId, look);
        } catch (error) {
            this.say(error);
        }
    }

    say(error) {
        this.said = error?.body?.message ?? error?.message ?? String(error);
    }
}
