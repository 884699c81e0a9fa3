// The entries that are only types: nothing.
export {};
