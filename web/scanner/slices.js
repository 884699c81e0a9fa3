// Work in slices: a few milliseconds at a time, so that the page is never held up.

/** Milliseconds of one slice. */
const SLICE = 4;
/** Nodes of one step: between two looks at the clock. */
export const STRIDE = 64;

const channel = new MessageChannel();
const waiting = [];
channel.port1.onmessage = () => waiting.shift()();

/** Runs something in a task of its own, after what the page has to do at once: input and drawing. */
export const soon = (run) => {
  if (globalThis.scheduler?.postTask) return void scheduler.postTask(run);
  waiting.push(run);
  channel.port2.postMessage(0);
};

/**
 * Jobs, done one after the other; urgent ones first. A job is an object with `step()`, which does a little and says
 * whether there is more, and `pause()`, called after each of its slices.
 */
export class Slices {
  #urgent = [];
  #later = [];
  #posted = false;
  #idle;
  #failed;

  /** `idle` is called when all is done, `failed` with what a job threw. */
  constructor(idle, failed) {
    this.#idle = idle;
    this.#failed = failed;
  }

  add(job) {
    this.#later.push(job);
    this.#post();
  }

  addUrgent(job) {
    this.#urgent.push(job);
    this.#post();
  }

  /** Whether there is something to do. */
  get isBusy() {
    return this.#urgent.length + this.#later.length > 0;
  }

  stop() {
    this.#urgent = [];
    this.#later = [];
    this.#idle = () => {};
  }

  #post() {
    if (this.#posted) return;
    this.#posted = true;
    soon(() => this.#run());
  }

  #run() {
    this.#posted = false;
    const end = performance.now() + SLICE;
    try {
      do {
        const jobs = this.#urgent.length ? this.#urgent : this.#later;
        const [job] = jobs;
        if (!job) return this.#idle();
        if (!job.step()) {
          job.pause();
          jobs.shift();
        }
      } while (performance.now() < end);
      this.#urgent[0]?.pause();
      this.#later[0]?.pause();
    } catch (error) {
      this.stop();
      return this.#failed(error);
    }
    this.#post();
  }
}
