/** The relay of `cargo xtask demo`, and the key of its website. */
export const RELAY = 'http://127.0.0.1:4100';
export const SITE_KEY = 'pk_demo';
