// What the page of an account and that of many have in common: a list that shows a page of what is
// chosen, filters, buttons to copy, evidence to unfold, and paper.

const byId = (id) => document.getElementById(id);
const select = (id) => byId("by-" + id);
const number = (n) => n.toLocaleString("en-US");
const plural = (n, word) => `${number(n)} ${word}${n === 1 ? "" : "s"}`;

document.documentElement.classList.add("js");

// parsed makes elements of HTML of the page's own, in which every name is escaped. Nothing in it runs.
const parsed = (html) => [...new DOMParser().parseFromString(html, "text/html").body.childNodes];

const element = (tag, text, attributes) => {
  const e = document.createElement(tag);
  if (text) e.textContent = text;
  for (const [name, value] of Object.entries(attributes ?? {})) e.setAttribute(name, value);
  return e;
};

// fill offers the choices of a filter, each with its number. With a single one there is nothing to choose.
const fill = (id, all, names, counts) => {
  const field = select(id);
  const used = names.map((name, i) => [name, i]).filter(([, i]) => counts[i] > 0);
  field.append(element("option", all, { value: "-1" }));
  for (const [name, i] of used.slice(0, 500)) {
    const short = name.length > 90 ? name.slice(0, 89) + "…" : name;
    field.append(element("option", `${short} (${number(counts[i])})`, { value: i }));
  }
  if (used.length > 500) field.append(element("option", `${number(used.length - 500)} more: search for them`, { disabled: "" }));
  field.parentElement.hidden = used.length < 2;
};

// bar draws and counts the statuses of what is chosen.
const bar = (statuses, counts) => {
  let all = 0;
  for (const n of counts) all += n;
  let at = 0;
  document.querySelectorAll("header .bar rect").forEach((rect, i) => {
    const width = all ? (100 * counts[i]) / all : 0;
    rect.setAttribute("x", `${at}%`);
    rect.setAttribute("width", `${width}%`);
    at += width;
  });
  for (const choice of document.querySelectorAll("input[name=status]")) {
    const i = statuses.indexOf(choice.value);
    choice.parentElement.querySelector("b").textContent = number(i < 0 ? all : counts[i]);
  }
};

const size = 50; // of a page
let first = 0; // of the list, on this page

// pager shows the page that begins at first, and where it is.
const pager = (total, draw) => {
  const last = Math.min(first + size, total);
  draw(first, last);
  byId("pager").hidden = total <= size;
  byId("page").textContent = `${number(first + 1)}–${number(last)} of ${number(total)}`;
  byId("previous").disabled = first === 0;
  byId("next").disabled = last >= total;
};

// turn makes the buttons of the pager work. The first thing on the new page gets the focus.
const turn = (show, target) => {
  const to = (step) => () => {
    first = Math.max(0, first + step);
    show();
    const e = byId("list").querySelector(target);
    e?.focus({ preventScroll: true });
    byId("list").scrollIntoView();
  };
  byId("previous").addEventListener("click", to(-size));
  byId("next").addEventListener("click", to(size));
};

// tools makes the fields work: changed is called whenever something else is chosen. Of one there is nothing to choose.
const tools = (changed, all) => {
  byId("tools").hidden = all < 2;
  const again = () => {
    first = 0;
    changed();
  };
  byId("q").disabled = false;
  byId("q").addEventListener("input", again);
  for (const field of document.querySelectorAll("#tools select, input[name=status]")) {
    field.disabled = false;
    field.addEventListener("change", again);
  }
  byId("clear").addEventListener("click", () => {
    clear();
    again();
    byId("q").focus();
  });
};

const status = () => document.querySelector("input[name=status]:checked")?.value ?? "all";

const clear = () => {
  byId("q").value = "";
  document.querySelector("input[name=status][value=all]").checked = true;
  for (const field of document.querySelectorAll("#tools select:not(#order)")) field.value = "-1";
};

// said shows how much is chosen, and offers to take it back.
const said = (shown, all, word) => {
  byId("shown").textContent = `${number(shown)} of ${plural(all, word)} shown`;
  const set = [...document.querySelectorAll("#tools select:not(#order)")].some((s) => s.value !== "-1");
  byId("clear").hidden = !(set || byId("q").value.trim() || status() !== "all");
};

// copying: the text beside the button. Where the clipboard is closed to pages of a file, it is selected.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button.copy");
  if (!button) return;
  const code = button.parentElement.querySelector("code");
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(code);
    button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
  }
  byId("shown").textContent = `${button.textContent}: ${code.dataset.name ?? code.textContent}`;
  setTimeout(() => (button.textContent = "Copy"), 2000);
});
