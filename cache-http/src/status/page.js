// Keeps the figures up to date and sorts the table. Texts are written as texts, never as HTML.
"use strict";

(() => {
  const EVERY = 2000;
  const SLOWEST = 30000;
  const THIN = "\u202f";
  const UNITS = [[1e-9, "ns"], [1e-6, "µs"], [1e-3, "ms"]];

  const byId = (id) => document.getElementById(id);
  const live = byId("live");
  const body = byId("functions");
  const heads = [...document.querySelectorAll("th[data-sort]")];
  const source = document.querySelector("link[rel=alternate]").href;

  let order = { key: "name", down: false };
  let failures = 0;
  let timer = 0;
  let asking = null;

  // Numbers as people read them: the same as human.rs.

  const count = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, THIN);

  function ratio(part) {
    const percent = part * 100;
    if (percent <= 0) return `0${THIN}%`;
    if (percent >= 100) return `100${THIN}%`;
    return `${Math.min(Math.max(percent, 0.1), 99.9).toFixed(1)}${THIN}%`;
  }

  function seconds(time) {
    if (time <= 0) return `0${THIN}s`;
    return time < 59.95 ? short(time) : long(Math.floor(time + 0.5));
  }

  function short(time) {
    const [unit, name] = UNITS.find(([unit]) => time < unit * 999.5) ?? [1, "s"];
    const figure = time / unit;
    const places = figure < 9.995 ? 2 : figure < 99.95 ? 1 : 0;
    return `${figure.toFixed(places)}${THIN}${name}`;
  }

  function long(time) {
    const [minutes, hours, days] = [60, 3600, 86400].map((unit) => Math.floor(time / unit));
    if (hours === 0) return `${minutes}${THIN}min ${time % 60}${THIN}s`;
    if (days === 0) return `${hours}${THIN}h ${minutes % 60}${THIN}min`;
    return `${count(days)}${THIN}d ${hours % 24}${THIN}h`;
  }

  const WRITTEN = { count, ratio, seconds };

  // The figures.

  function write(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  function fill(scope, figures) {
    for (const node of scope.querySelectorAll("[data-key]")) {
      const { key, kind } = node.dataset;
      if (!(key in figures)) continue;
      const value = figures[key];
      node.dataset.value = value ?? "";
      write(node, value === null ? "–" : WRITTEN[kind](value));
    }
    for (const bar of scope.querySelectorAll("[data-bar]")) {
      bar.firstElementChild.setAttribute("width", figures[bar.dataset.bar] ?? 0);
    }
  }

  function makePart(part, at) {
    const node = document.createElement("span");
    const words = part.split(/(?<=_)/).flatMap((word, at) =>
      at === 0 ? [word] : [document.createElement("wbr"), word]);
    node.append(at === 0 ? "" : "::", ...words);
    return node;
  }

  function makeRow(name) {
    const row = byId("row").content.firstElementChild.cloneNode(true);
    row.dataset.name = name;
    row.querySelector("code").replaceChildren(...name.split("::").map(makePart));
    return row;
  }

  function show(report) {
    for (const scope of document.querySelectorAll("[data-figures]")) {
      const { in_flight } = report;
      fill(scope, { in_flight, ...report[scope.dataset.figures] });
    }
    const old = new Map([...body.rows].map((row) => [row.dataset.name, row]));
    for (const { name, ...figures } of report.functions) {
      const row = old.get(name) ?? body.appendChild(makeRow(name));
      fill(row, figures);
      old.delete(name);
    }
    for (const row of old.values()) row.remove();
    byId("empty").hidden = report.functions.length > 0;
    byId("scroll").hidden = Object.values(report.totals).every((value) => !value);
    sort();
  }

  // The order of the rows.

  function sortValue(row, key) {
    if (key === "name") return row.dataset.name;
    const { value } = row.querySelector(`[data-key="${key}"]`).dataset;
    return value === "" ? -1 : Number(value);
  }

  function compare(a, b) {
    return a < b ? -1 : a > b ? 1 : 0;
  }

  function sort() {
    const sign = order.down ? -1 : 1;
    const sorted = [...body.rows].sort((a, b) =>
      sign * compare(sortValue(a, order.key), sortValue(b, order.key))
      || compare(a.dataset.name, b.dataset.name));
    // Rows that stay where they are keep what is selected in them.
    sorted.forEach((row, at) => {
      if (body.rows[at] !== row) body.insertBefore(row, body.rows[at]);
    });
  }

  function sortBy(key) {
    const down = order.key === key ? !order.down : key !== "name";
    order = { key, down };
    markHeads();
    sort();
  }

  function markHeads() {
    for (const head of heads) {
      if (head.dataset.sort !== order.key) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", order.down ? "descending" : "ascending");
    }
  }

  function makeButton(head) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sortBy(head.dataset.sort));
    head.append(button);
  }

  // Asking for new ones.

  async function ask() {
    asking = new AbortController();
    const limit = setTimeout(() => asking.abort(), SLOWEST);
    try {
      const headers = { accept: "application/json" };
      const answer = await fetch(source, { headers, cache: "no-store", signal: asking.signal });
      if (!answer.ok) throw new Error(`status ${answer.status}`);
      show(await answer.json());
      succeed();
    } catch {
      fail();
    } finally {
      clearTimeout(limit);
      asking = null;
      plan();
    }
  }

  function succeed() {
    failures = 0;
    write(byId("moment"), new Date().toLocaleTimeString("en-GB"));
    write(byId("trouble"), "");
  }

  function fail() {
    if (!live.checked) return;
    failures += 1;
    write(byId("trouble"), "The figures could not be brought up to date. Trying again…");
  }

  function plan() {
    clearTimeout(timer);
    if (!live.checked || document.hidden || asking) return;
    timer = setTimeout(ask, Math.min(EVERY * (1 + failures), SLOWEST));
  }

  function resume() {
    clearTimeout(timer);
    if (live.checked && !document.hidden && !asking) ask();
  }

  live.addEventListener("change", () => {
    write(byId("trouble"), "");
    resume();
  });
  document.addEventListener("visibilitychange", resume);
  document.querySelector(".live").hidden = false;
  document.documentElement.classList.add("scripted");
  heads.forEach(makeButton);
  markHeads();
  resume();
})();
