/** Refusals that say nothing about the number, by how their codes begin: another phone gets around them. */
export const around = /^(rel|ses|ass|sig|exp|int|agent_[^g]|provider_([bfn]|unr|rej))/;
