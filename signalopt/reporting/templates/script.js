"use strict";
// Everything is readable without this script; it adds sorting, zooming and printing whole.
(() => {
  const number = (cell) => {
    const text = cell.dataset.value;
    return text === undefined || text === "" ? NaN : Number(text);
  };

  const compare = (column, down) => (a, b) => {
    const [first, second] = [a.cells[column], b.cells[column]];
    const [x, y] = [number(first), number(second)];
    if (!Number.isNaN(x) && !Number.isNaN(y)) return down ? y - x : x - y;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1; // unknown is last
    const words = first.textContent.trim().localeCompare(second.textContent.trim(), undefined, { numeric: true });
    return down ? -words : words;
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.setAttribute("aria-sort", "none"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        body.append(...[...body.rows].sort(compare(column, down)));
      });
    });
  }

  const zoomable = (figure) => {
    const svg = figure.querySelector("svg");
    const [left, top, width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    let view = { x: left, y: top, scale: 1 };
    const show = () => {
      const [w, h] = [width / view.scale, height / view.scale];
      view.x = Math.min(Math.max(view.x, left), left + width - w);
      view.y = Math.min(Math.max(view.y, top), top + height - h);
      svg.setAttribute("viewBox", `${view.x} ${view.y} ${w} ${h}`);
      figure.classList.toggle("zoomed", view.scale > 1);
    };
    const zoom = (factor, at = { x: 0.5, y: 0.5 }) => {
      const scale = Math.min(Math.max(view.scale * factor, 1), 16);
      view.x += at.x * (width / view.scale - width / scale);
      view.y += at.y * (height / view.scale - height / scale);
      view.scale = scale;
      show();
    };
    const move = (x, y) => {
      view.x += (x * width) / view.scale;
      view.y += (y * height) / view.scale;
      show();
    };
    const whole = () => {
      view = { x: left, y: top, scale: 1 };
      show();
    };

    const tools = document.createElement("div");
    tools.className = "zoom";
    for (const [sign, name, act] of [
      ["+", figure.dataset.larger, () => zoom(1.5)],
      ["−", figure.dataset.smaller, () => zoom(1 / 1.5)],
      ["⤢", figure.dataset.whole, whole],
    ]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = sign;
      button.title = name;
      button.setAttribute("aria-label", name);
      button.addEventListener("click", act);
      tools.append(button);
    }
    figure.prepend(tools);

    svg.tabIndex = 0;
    svg.addEventListener("keydown", (event) => {
      const acts = {
        "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), "0": whole,
        ArrowLeft: () => move(-0.1, 0), ArrowRight: () => move(0.1, 0),
        ArrowUp: () => move(0, -0.1), ArrowDown: () => move(0, 0.1),
      };
      const moves = event.key.startsWith("Arrow");
      if (!acts[event.key] || event.ctrlKey || event.metaKey || (moves && view.scale === 1)) return;
      event.preventDefault();
      acts[event.key]();
    });
    svg.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && view.scale === 1 && document.activeElement !== svg) return; // the page scrolls
      event.preventDefault();
      const box = svg.getBoundingClientRect();
      zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, {
        x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height,
      });
    }, { passive: false });
    let held = null;
    svg.addEventListener("pointerdown", (event) => {
      if (view.scale === 1) return;
      held = { x: event.clientX, y: event.clientY };
      svg.setPointerCapture(event.pointerId);
    });
    svg.addEventListener("pointermove", (event) => {
      if (held === null) return;
      const box = svg.getBoundingClientRect();
      move((held.x - event.clientX) / box.width, (held.y - event.clientY) / box.height);
      held = { x: event.clientX, y: event.clientY };
    });
    for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => { held = null; });
  };
  document.querySelectorAll("figure.zoomable").forEach(zoomable);

  const junctions = [...document.querySelectorAll("details.junction")];
  for (const button of document.querySelectorAll("[data-open]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      junctions.forEach((details) => { details.open = button.dataset.open === "yes"; });
    });
  }
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) {
      target.open = true;
      target.scrollIntoView();
    }
  };
  addEventListener("hashchange", reveal);
  reveal();

  // On paper, what has pictures is open; the rest stays in its table.
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details.junction.pictured:not([open])")];
    closed.forEach((details) => { details.open = true; });
  });
  addEventListener("afterprint", () => closed.forEach((details) => { details.open = false; }));
})();
