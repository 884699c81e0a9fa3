// A call button: for record pages, app and home pages, Experience sites, flows, and rows of a list.
//
// Where the phone is open in the utility bar, it gets the click. Where it is not, the button calls by itself.

import assertion from "@salesforce/apex/PatchcordController.assertion";
import log from "@salesforce/apex/PatchcordController.log";
import settings from "@salesforce/apex/PatchcordController.settings";
import CALL from "@salesforce/label/c.PatchcordCall";
import IN_PHONE from "@salesforce/label/c.PatchcordInPhone";
import NEEDS_PHONE from "@salesforce/label/c.PatchcordNeedsPhone";
import NO_ANSWER from "@salesforce/label/c.PatchcordNoAnswer";
import NO_NUMBER from "@salesforce/label/c.PatchcordNoNumber";
import DIAL from "@salesforce/messageChannel/PatchcordDial__c";
import isGuest from "@salesforce/user/isGuest";
import { fieldsOf, readMapping, resolve } from "c/patchcordEntity";
import { loadPatchcord } from "c/patchcordLoader";
import { FlowAttributeChangeEvent } from "lightning/flowSupport";
import { APPLICATION_SCOPE, MessageContext, publish, subscribe, unsubscribe } from "lightning/messageService";
import { NavigationMixin } from "lightning/navigation";
import { getRecord } from "lightning/uiRecordApi";
import { LightningElement, api, wire } from "lwc";

/** The phone keeps a click for 10 s, and the platform has 10 s to answer: after this nobody knows. Milliseconds. */
const ANSWERED = 30_000;
/** What a click ends with that nobody knows about. */
const UNANSWERED = { code: "no_reply", message: NO_ANSWER };
/** After a click that the phone took, the next one is a new call only after this. Milliseconds. */
const SAME_CLICK = 3_000;

export default class PatchcordCallButton extends NavigationMixin(LightningElement) {
    /** The record; on a page of one, by itself. */
    @api recordId;
    @api objectApiName;
    /** Instead of the record's. */
    @api number;
    /** Instead of the mapping's fields of the number: the API name of one. */
    @api numberField;
    @api provider;
    @api label;
    settings;
    mapping;
    found;
    record;
    said = "";
    isLoaded = false;
    isRefused = false;
    /** What the phones of the page are known by, in the order in which they came. */
    phones = [];
    result;
    given;
    subscription;
    /** The click that the phone is asked to take, if there is one. */
    asked;
    /** The click that it took last. */
    taken;
    quiet = 0;
    startedAt;

    @wire(MessageContext)
    messageContext;

    /** `accepted`, `refused`, `unknown` or `in_phone` (the phone has it): what became of the last click. For flows. */
    @api
    get outcome() {
        return this.result;
    }

    /** More that travels with the call, an object or JSON; wins over what the mapping makes. */
    @api
    get payload() {
        return this.given;
    }

    set payload(payload) {
        try {
            this.given = typeof payload === "string" && payload ? JSON.parse(payload) : payload;
        } catch (error) {
            this.given = undefined;
            this.say(error);
        }
    }

    get fields() {
        return this.mapping && this.objectApiName ? fieldsOf(this.mapping, this.objectApiName, this.numberField) : undefined;
    }

    get dialled() {
        return this.number || this.found?.number;
    }

    get platform() {
        return this.provider || this.settings?.provider || undefined;
    }

    get data() {
        // Copied: what another component gave is not a plain object.
        return JSON.parse(JSON.stringify({ ...this.found?.payload, ...this.given }));
    }

    get isWorking() {
        return this.isLoaded && this.settings && this.dialled;
    }

    /** There is no number, or the page does not let the button work by itself. */
    get isPlain() {
        return !isGuest && this.settings && (this.isRefused || (this.hasLooked && !this.dialled));
    }

    get isPhoneHere() {
        return this.phones.length > 0;
    }

    get hasLooked() {
        return this.found || !this.recordId;
    }

    get isPlainDisabled() {
        return !this.dialled || !this.isPhoneHere;
    }

    get plainLabel() {
        if (!this.dialled) return NO_NUMBER;
        return this.label || CALL.replace("{0}", this.dialled);
    }

    /** Who the user is: asked for each session, by the button itself. */
    assertion = () => assertion();

    @wire(settings)
    takeSettings({ data, error }) {
        if (error) this.say(error);
        if (!data) return;
        try {
            this.mapping = readMapping(data.mapping);
            this.settings = data;
        } catch (problem) {
            this.say(problem);
        }
    }

    @wire(getRecord, { recordId: "$recordId", optionalFields: "$fields" })
    takeRecord({ data, error }) {
        if (error) this.say(error);
        if (!data) return;
        const { name, ...found } = resolve(this.mapping, this.objectApiName, data, this.numberField);
        const record = { system: "salesforce", type: data.apiName ?? this.objectApiName, id: data.id };
        if (name !== undefined) record.name = String(name);
        this.found = found;
        this.record = record;
        this.address(record);
    }

    /** Adds the record's address, so that whoever sees the call can open it. */
    async address(record) {
        try {
            const url = await this[NavigationMixin.GenerateUrl]({
                type: "standard__recordPage",
                attributes: { recordId: record.id, objectApiName: record.type, actionName: "view" },
            });
            if (this.record === record) this.record = { ...record, url: new URL(url, window.location.href).href };
        } catch {
            // Not every page has such addresses; the record goes without.
        }
    }

    connectedCallback() {
        // A guest has nobody to call as.
        if (isGuest) return;
        this.listen();
        loadPatchcord(this).then(
            () => {
                this.isLoaded = true;
            },
            () => {
                this.isRefused = true;
                this.said = this.isPhoneHere ? "" : NEEDS_PHONE;
            },
        );
    }

    disconnectedCallback() {
        // Its answer would not be heard.
        if (this.asked) this.answered(UNANSWERED);
        // Where the button is put back, it asks anew.
        this.phones = [];
        if (this.subscription) unsubscribe(this.subscription);
        this.subscription = undefined;
    }

    /** Not every page has the message service; without it the button calls by itself. */
    listen() {
        try {
            this.subscription = subscribe(this.messageContext, DIAL, (message) => this.hear(message), { scope: APPLICATION_SCOPE });
            publish(this.messageContext, DIAL, { type: "hello" });
        } catch {
            this.phones = [];
        }
    }

    hear({ type, phone, re, state, error }) {
        if (type === "here" && !this.phones.includes(phone)) {
            this.phones = [...this.phones, phone];
            if (this.said === NEEDS_PHONE) this.said = "";
        }
        if (type === "gone") this.phones = this.phones.filter((one) => one !== phone);
        if (type === "answer" && re === this.asked) this.answered(error);
        if (type === "call" && re === this.taken) this.follow(state, error);
    }

    handleRequested(event) {
        if (!this.isPhoneHere) return;
        // The phone gets it; the button does nothing more.
        event.preventDefault();
        const { number } = event.detail;
        const extension = /;ext=(\d{1,11})$/.exec(this.dialled)?.[1];
        this.hand(extension ? { number, extension } : { number });
    }

    handlePlain() {
        this.hand({ number: this.dialled });
    }

    /** Hands a click to the phone, of several to the first: once, and never by itself again. */
    hand(number) {
        if (this.asked || Date.now() < this.quiet) return;
        this.asked = window.crypto.randomUUID();
        this.said = IN_PHONE;
        const request = { ...number, payload: this.data };
        if (this.record) request.record = { ...this.record };
        // eslint-disable-next-line @lwc/lwc/no-async-operation
        this.timer = setTimeout(() => this.answered(UNANSWERED), ANSWERED);
        publish(this.messageContext, DIAL, { type: "dial", phone: this.phones[0], id: this.asked, request });
    }

    answered(error) {
        clearTimeout(this.timer);
        this.taken = this.asked;
        this.asked = undefined;
        this.quiet = Date.now() + SAME_CLICK;
        this.said = error?.message ?? IN_PHONE;
        if (!error) this.tell("in_phone");
        else this.tell(error.code === "no_reply" || error.code === "interrupted" ? "unknown" : "refused");
    }

    /** What became of a click that the phone took. How the call goes on is the phone's to show. */
    follow(state, error) {
        if (state === "ended") this.said = "";
        if (!error) return;
        this.said = error.message ?? error.code;
        this.quiet = state === "refused" ? 0 : this.quiet;
        this.tell(state);
    }

    handleOutcome({ type, detail }) {
        this.startedAt = Date.now();
        this.tell(type.replace("call", ""));
        // A dock that takes a call says nothing more of it; and the plain button, without a state, hears nothing more.
        if (type === "callaccepted" && (detail.state ?? "handed_over") === "handed_over") this.keep(detail, "handed_over");
    }

    handleEnded({ detail }) {
        this.keep(detail, detail.duration === undefined ? "not_connected" : "connected");
    }

    /** Has Salesforce keep a call that the button placed itself, as a task; the same call is the same task. */
    keep({ id, call, number, provider, record, duration }, outcome) {
        const entry = { id: call ?? id, direction: "outgoing", number, provider, record, startedAt: this.startedAt, duration, outcome };
        log({ entry: JSON.stringify(entry) }).catch((error) => this.say(error));
    }

    tell(outcome) {
        this.result = outcome;
        this.dispatchEvent(new FlowAttributeChangeEvent("outcome", outcome));
    }

    say(error) {
        this.said = error?.body?.message ?? error?.message ?? String(error);
    }
}
