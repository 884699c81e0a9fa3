// What Acme's CRM knows: people and companies with custom fields, some of them nested.
//
// German numbers are the ones set aside for films and documentation, which belong to nobody;
// Austrian and Swiss ones are made up of running digits.

/** Fields that may hold a phone number, for a page that cannot load the module. */
export const phoneFields = ["MobilePhone", "Phone", "OtherPhone"];

export const records = [
  {
    type: "Lead",
    id: "00Q7S000001KQaA",
    fields: {
      Name: "Jana Petersen",
      Company: "Nordlicht Wärme GmbH",
      Title: "Head of procurement",
      MobilePhone: "+49 152 28817386",
      Phone: "+49 40 66969 118",
      Custom_Score__c: 87,
      Tier__c: "Gold",
      Open_Opportunities__c: [
        { name: "Heat pumps, 12 units", stage: "Proposal", amount: 148500, currency: "EUR" },
        { name: "Service contract", stage: "Qualified", amount: 9600, currency: "EUR" },
      ],
      Last_Order__c: null,
    },
  },
  {
    type: "Lead",
    id: "00Q7S000001KQbB",
    fields: {
      Name: "Matteo Brunner",
      Company: "Seeblick Hotels AG",
      Title: "Facility manager",
      MobilePhone: "",
      Phone: "+41 21 234 56 78",
      Custom_Score__c: 64,
      Tier__c: "Silver",
      Open_Opportunities__c: [],
    },
  },
  {
    type: "Lead",
    id: "00Q7S000001KQcC",
    fields: {
      Name: "Nora Whitfield",
      Company: "Hudson Climate Inc.",
      Title: "Buyer",
      Phone: "+1 212 555 0142",
      Custom_Score__c: 41,
      Tier__c: "Bronze",
    },
  },
  {
    type: "Lead",
    id: "00Q7S000001KQdD",
    fields: {
      Name: "Emil Krause",
      Company: "Krause Immobilien",
      Title: "Owner",
      Email: "emil@krause.example",
      Custom_Score__c: 22,
      Tier__c: "Bronze",
    },
  },
  {
    type: "Contact",
    id: "0037S000004MRaA",
    fields: {
      Name: "Leonie Faber",
      Company: "Faber & Töchter",
      Title: "Managing director",
      MobilePhone: "+49 171 3920042",
      Phone: "+49 30 23125 014",
      Tier__c: "Gold",
      Open_Opportunities__c: [
        { name: "Rooftop array, phase 2", stage: "Negotiation", amount: 62400, currency: "EUR" },
      ],
      Last_Order__c: {
        number: "SO-20418",
        date: "2026-09-30",
        total: { amount: 18940.5, currency: "EUR" },
        items: [
          { sku: "PV-430", quantity: 28 },
          { sku: "INV-10K", quantity: 1 },
        ],
      },
    },
  },
  {
    type: "Contact",
    id: "0037S000004MRbB",
    fields: {
      Name: "Tobias Egger",
      Company: "Alpenhof Betriebe",
      Title: "Technical lead",
      MobilePhone: "+43 664 123456",
      Phone: "+43 1 234567890",
      Tier__c: "Silver",
      Last_Order__c: {
        number: "SO-20377",
        date: "2026-08-12",
        total: { amount: 3120, currency: "EUR" },
        items: [{ sku: "VALVE-15", quantity: 40 }],
      },
    },
  },
  {
    type: "Contact",
    id: "0037S000004MRcC",
    fields: {
      Name: "Amira Haddad",
      Company: "Klinikum Westend",
      Title: "Operations",
      Phone: "+49 89 99998 120;ext=12",
      Tier__c: "Gold",
      Open_Opportunities__c: [],
    },
  },
  {
    type: "Account",
    id: "0017S00000HTVaA",
    fields: {
      Name: "Rheinwerk Stahl KG",
      Phone: "+49 221 4710 342",
      Industry: "Manufacturing",
      Tier__c: "Gold",
      Annual_Volume__c: 412000,
      Open_Opportunities__c: [
        { name: "Waste heat recovery", stage: "Discovery", amount: 385000, currency: "EUR" },
      ],
    },
  },
  {
    type: "Account",
    id: "0017S00000HTVbB",
    fields: {
      Name: "Mainufer Wohnbau eG",
      Phone: "+49 69 90009 231",
      Industry: "Housing",
      Tier__c: "Silver",
      Annual_Volume__c: 97500,
    },
  },
];

/** Which field holds the number, and which fields travel with a call, for each type of record. */
export const defaultMapping = {
  Lead: {
    number: ["MobilePhone", "Phone"],
    payload: {
      name: "Name",
      company: "Company",
      score: "Custom_Score__c",
      tier: "Tier__c",
      opportunities: "Open_Opportunities__c",
    },
  },
  Contact: {
    number: ["MobilePhone", "Phone"],
    payload: {
      name: "Name",
      company: "Company",
      tier: "Tier__c",
      opportunities: "Open_Opportunities__c",
      last_order: "Last_Order__c",
    },
  },
  Account: {
    number: ["Phone"],
    payload: {
      name: "Name",
      industry: "Industry",
      volume: "Annual_Volume__c",
      opportunities: "Open_Opportunities__c",
    },
  },
};
