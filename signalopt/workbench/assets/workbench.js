// Dragging: the newest value of a slider goes to the server as soon as the last answer is here,
// so a fast hand never fills the line with values that nobody waits for any more. Pictures follow
// the figures in the same way, as fast as they can be drawn.
"use strict";

(() => {
  const LOST_MS = 3000; // an answer that takes longer is not waited for
  const REST_MS = 300; // as long must the figures stand still
  const tab = Array.from(crypto.getRandomValues(new Uint8Array(12)), (b) => b.toString(16)).join("");
  let count = 0;

  // One thing under way at a time; what was asked last goes next.
  const lane = (store) => {
    let waiting = null;
    let sent = null;
    const send = () => {
      if (!waiting || (sent && performance.now() - sent.at < LOST_MS)) return;
      sent = { number: ++count, at: performance.now(), began: waiting.began };
      const data = { ...waiting.note, tab, number: sent.number };
      waiting = null;
      window.dash_clientside.set_props(store, { data });
    };
    return {
      ask(note) {
        waiting = { note, began: performance.now() };
        send();
      },
      done(number) {
        if (!sent || number !== sent.number) return;
        // For measurements: from the hand's move to the answer [ms].
        document.documentElement.dataset[`${store}Ms`] = (performance.now() - sent.began).toFixed(1);
        sent = null;
        send();
      },
    };
  };
  const edits = lane("edit");
  const paintings = lane("paint");
  const sweeps = lane("sweep");

  // The curve of delay over the offset grows while the hand rests.
  let rest = 0;
  let moved = -REST_MS;
  const sweepAtRest = () => {
    clearTimeout(rest);
    rest = setTimeout(() => sweeps.ask({}), Math.max(0, moved + REST_MS - performance.now()));
  };

  document.addEventListener("input", (event) => {
    const found = /^control-(offset|split|cycle)-(\d+)$/.exec(event.target.id || "");
    if (!found) return;
    moved = performance.now();
    const signal = event.target.closest("[data-signal]")?.dataset.signal;
    const [, kind, stage] = found;
    edits.ask({ kind, stage: Number(stage), value: Number(event.target.value), signal });
  });

  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches?.("input:not([type=range]), textarea, select");
    if (typing || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    document.getElementById(event.shiftKey ? "redo" : "undo")?.click();
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.workbench = {
    answered(answer) {
      const keep = window.dash_clientside.no_update;
      if (!answer) return keep;
      for (const row of answer.controls || []) {
        window.dash_clientside.set_props(row.shows_id, { children: row.shows });
        // The slider in hand follows the hand, unless what it asked for was refused.
        const held = document.activeElement?.id === row.dom_id && !answer.refused;
        const now = { min: row.min, max: row.max };
        window.dash_clientside.set_props(row.dom_id, held ? now : { ...now, value: row.value });
      }
      edits.done(answer.number);
      paintings.ask({});
      return keep;
    },
    swept(note) {
      const byFigures = window.dash_clientside.callback_context.triggered_id !== "swept";
      if (note) sweeps.done(note.number);
      if (byFigures) moved = performance.now();
      if (byFigures || note?.more) sweepAtRest();
      return window.dash_clientside.no_update;
    },
    painted(note) {
      if (note) paintings.done(note.number);
      return window.dash_clientside.no_update;
    },
  };
})();
