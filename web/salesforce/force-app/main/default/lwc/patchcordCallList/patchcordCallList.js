// The records of a list view, each with a call button. Salesforce's own list views have no place for a component.

import EMPTY from "@salesforce/label/c.PatchcordEmptyList";
import NAME from "@salesforce/label/c.PatchcordName";
import NUMBER from "@salesforce/label/c.PatchcordNumber";
import { NavigationMixin } from "lightning/navigation";
import { getListRecordsByName } from "lightning/uiListsApi";
import { LightningElement, api, wire } from "lwc";

/** Each row reads its record: more than one sees at once are not asked for. */
const ROWS = 50;

export default class PatchcordCallList extends NavigationMixin(LightningElement) {
    @api objectApiName = "Contact";
    /** The API name of the list view: `AllContacts`. */
    @api listViewApiName;
    @api numberField;
    @api provider;

    nameHeading = NAME;
    numberHeading = NUMBER;
    emptyText = EMPTY;
    rows;
    said = "";

    get names() {
        return this.objectApiName ? [`${this.objectApiName}.Id`, `${this.objectApiName}.Name`] : undefined;
    }

    get isEmpty() {
        return this.rows?.length === 0;
    }

    @wire(getListRecordsByName, {
        objectApiName: "$objectApiName",
        listViewApiName: "$listViewApiName",
        optionalFields: "$names",
        pageSize: ROWS,
    })
    takeRecords({ data, error }) {
        if (error) this.said = error.body?.message ?? String(error);
        if (!data) return;
        this.said = "";
        this.rows = data.records.map(({ id, fields }) => ({ id, url: `/${id}`, name: fields.Name?.value ?? id }));
    }

    handleOpen(event) {
        event.preventDefault();
        this[NavigationMixin.Navigate]({
            type: "standard__recordPage",
            attributes: { recordId: event.currentTarget.dataset.id, objectApiName: this.objectApiName, actionName: "view" },
        });
    }
}
