// The server's clock on this page: how far ours is from it, and how long until the deadline.

import { byId, duration, fill, kst } from "./view.js";
import { wire } from "./sealing.js";

const WARNED_MINUTES = [60, 10, 1];

export class Clock {
  constructor(page) {
    this.texts = page.texts;
    this.closesAt = Date.parse(page.closes_at);
    this.offset = Date.parse(page.server_time) - Date.now();
    this.roundTrip = null;
    this.before = null;
  }

  // A timed answer of the server: the middle of the round trip is when it read its clock.
  learn(serverTime, sentAt, receivedAt) {
    const roundTrip = receivedAt - sentAt;
    if (this.roundTrip !== null && roundTrip > 2 * this.roundTrip) return; // a slow answer tells less
    this.roundTrip = roundTrip;
    this.offset = Date.parse(serverTime) - (sentAt + receivedAt) / 2;
  }

  moveTo(closesAt) {
    if (Date.parse(closesAt) === this.closesAt) return;
    this.closesAt = Date.parse(closesAt);
    for (const shown of document.querySelectorAll("[data-closes] time")) {
      shown.textContent = kst(closesAt);
      shown.setAttribute("datetime", closesAt);
    }
  }

  now() {
    return Date.now() + this.offset;
  }

  left() {
    return this.closesAt - this.now();
  }

  start() {
    this.tick();
    setInterval(() => this.tick(), 1000);
  }

  tick() {
    const left = this.left();
    const clock = byId("bid-clock");
    byId("bid-left").textContent =
      left > 0 ? fill(this.texts.left, { time: duration(left, this.texts.units) }) : this.texts.deadline_passed;
    byId("bid-server-time").textContent = fill(this.texts.server_now, { time: kst(wire(this.now())).slice(11, 19) });
    clock.dataset.urgency = left <= 0 ? "over" : left <= 600_000 ? "soon" : "";
    this.say(left);
    this.before = left;
  }

  // Aloud only when it matters: as one of the marks is passed.
  say(left) {
    if (this.before === null) return;
    const passed = WARNED_MINUTES.find((minutes) => this.before > minutes * 60_000 && left <= minutes * 60_000);
    if (passed) byId("bid-clock-said").textContent = fill(this.texts.minutes_left, { minutes: passed });
    if (this.before > 0 && left <= 0) byId("bid-clock-said").textContent = this.texts.deadline_passed;
  }
}
