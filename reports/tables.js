// Sorts a table by the column whose heading is pressed, a second press turns the order round; filters and saves its rows.
(() => {
  "use strict";
  const keyOf = (cell) => cell.dataset.key ?? cell.textContent.trim();
  // A source is told by its host, and saved by its address.
  const saved = (cell) => {
    const link = cell.querySelector("a[rel]");
    return link ? keyOf(cell).slice(0, -link.textContent.length) + link.getAttribute("href") : keyOf(cell);
  };
  const key = (cell) => {
    const text = keyOf(cell);
    const number = Number(text);
    return text !== "" && Number.isFinite(number) ? number : text;
  };
  const order = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a === "number") return -1;
    if (typeof b === "number") return 1;
    return a < b ? -1 : a > b ? 1 : 0;
  };
  const sort = (heading) => {
    const body = heading.closest("table").tBodies[0];
    const column = heading.cellIndex;
    const down = heading.getAttribute("aria-sort") === "ascending";
    const rows = [...body.rows].map((row, at) => ({ row, at, key: key(row.cells[column]) }));
    rows.sort((a, b) => (down ? -1 : 1) * order(a.key, b.key) || a.at - b.at);
    for (const other of heading.parentElement.cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    body.append(...rows.map((item) => item.row));
  };
  const tableOf = (part) => part.closest(".tools").nextElementSibling.querySelector("table");
  // Every word typed must stand somewhere in the row.
  const filter = (input) => {
    const body = tableOf(input).tBodies[0];
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of body.rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    const said = words.length ? `${shown} of ${body.rows.length} rows` : "";
    input.closest(".tools").querySelector("output").textContent = said;
  };
  // A spreadsheet runs text that begins so: an apostrophe before it keeps it text.
  const RUNS = /^[=+\-@\t\r]/;
  const field = (text) => {
    const safe = RUNS.test(text) && !Number.isFinite(Number(text)) ? `'${text}` : text;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const heading = (cell) => (cell.querySelector("button") ?? cell).textContent.trim();
  const save = (button) => {
    const table = tableOf(button);
    const rows = [...table.tBodies[0].rows].filter((row) => !row.hidden);
    const lines = [[...table.tHead.rows[0].cells].map(heading), ...rows.map((row) => [...row.cells].map(saved))];
    const text = lines.map((line) => line.map(field).join(",")).join("\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${text}\n`], { type: "text/csv" }));
    link.download = `${table.closest("section").id}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };
  for (const input of document.querySelectorAll(".filter input")) {
    input.addEventListener("input", () => filter(input));
  }
  for (const button of document.querySelectorAll(".tools .save")) {
    button.addEventListener("click", () => save(button));
  }
  for (const button of document.querySelectorAll("table.sortable thead button")) {
    button.addEventListener("click", () => sort(button.closest("th")));
  }
})();
