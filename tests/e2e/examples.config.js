// `cargo xtask examples`: the websites of examples/, which have to be built first.
import usual from './playwright.config.js';

export default { ...usual, testIgnore: [], testMatch: 'package-examples.spec.js' };
