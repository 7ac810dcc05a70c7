// The page of an account or a few. The findings are a text until they are shown.

// cut splits a text before each mark.
const cut = (text, mark) => {
  const parts = [];
  for (let at = text.indexOf(mark); at >= 0; ) {
    const end = text.indexOf(mark, at + 1);
    parts.push(text.slice(at, end < 0 ? text.length : end));
    at = end;
  }
  return parts;
};

// words are what someone looks for, written as the page's HTML has them.
const words = (text) => {
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };
  return text.toLowerCase().replace(/[&<>"']/g, (c) => names[c]).split(/\s+/).filter(Boolean);
};

const folds = () => [...byId("list").querySelectorAll("details")];

const index = JSON.parse(byId("index").textContent);
const sections = cut(byId("all").textContent, "\n<section ").map((text) => {
  const articles = cut(text, "\n<article ");
  return { head: articles.length ? text.slice(0, text.indexOf(articles[0])) : text, articles };
});
const articles = sections.flatMap((s) => s.articles);
const SEVERITY = 1, CONTROL = 2, ACCOUNT = 3, CAUSE = 4;

// found is what can be looked for in a finding: its words, but for the commands that fix it, which "What to do"
// names, and what the catalog says of its control. It is made once, while nothing else happens.
const found = [];
const own = (text) => {
  const fix = text.indexOf('<details class="repair">');
  const about = text.indexOf('<details class="about">');
  const end = about < 0 ? text.length : about;
  if (fix < 0) return text.slice(0, end);
  const next = text.indexOf("<details>", fix); // another fold of evidence
  return text.slice(0, fix) + (next < 0 ? "" : text.slice(next, end));
};
const wordsOf = (i) => (found[i] ??= own(articles[i]).replace(/<[^>]*>/g, " ").toLowerCase());
const prepare = (deadline) => {
  while (found.length < articles.length && deadline.timeRemaining() > 2) wordsOf(found.length);
  if (found.length < articles.length) idle(prepare);
};
const idle = window.requestIdleCallback ?? ((f) => setTimeout(() => f({ timeRemaining: () => 3 }), 50));

const tally = (list, names, column) => {
  const counts = new Array(names.length).fill(0);
  for (const row of list) if (row[column] >= 0) counts[row[column]]++;
  return counts;
};

const filters = [["severity", SEVERITY], ["control", CONTROL], ["account", ACCOUNT], ["cause", CAUSE]];
for (const [id, column] of filters) fill(id, `Any ${id}`, index[id], tally(index.rows, index[id], column));

const orders = {
  account: (a, b) => a - b,
  worst: (a, b) => by(0, a, b) || by(SEVERITY, a, b) || by(CONTROL, a, b) || a - b,
  severity: (a, b) => by(SEVERITY, a, b) || by(0, a, b) || a - b,
  number: (a, b) => by(CONTROL, a, b) || by(0, a, b) || a - b,
  cause: (a, b) => cause(a) - cause(b) || a - b,
};
const by = (column, a, b) => index.rows[a][column] - index.rows[b][column];
const cause = (i) => (index.rows[i][CAUSE] < 0 ? Infinity : index.rows[i][CAUSE]);

let chosen = [];
let open = false; // all evidence

const draw = (list) => {
  let html = "", account = -1;
  const grouped = byId("order").value === "account" || sections.length === 1;
  for (const i of list) {
    const of = index.rows[i][ACCOUNT];
    if (grouped ? of !== account : account < 0) {
      if (account >= 0) html += "</section>";
      html += grouped ? heads[of] : '<section aria-label="Findings"><h2 class="hide">Findings</h2>';
      account = of;
    }
    html += articles[i];
  }
  return parsed(html);
};
// An account without findings has no section.
const heads = {};
{
  let at = 0;
  for (const s of sections) {
    if (s.articles.length) heads[index.rows[at][ACCOUNT]] = s.head;
    at += s.articles.length;
  }
}

const show = () => {
  pager(chosen.length, (from, to) => {
    byId("list").replaceChildren(...draw(chosen.slice(from, to)));
    if (open) for (const d of folds()) d.open = true;
  });
  label();
};

const filter = () => {
  const wanted = words(byId("q").value);
  const picked = filters.map(([id, column]) => [column, Number(select(id).value)]).filter(([, want]) => want >= 0);
  const want = index.status.indexOf(status());
  const counts = new Array(index.status.length).fill(0);
  chosen = [];
  index.rows.forEach((row, i) => {
    if (picked.some(([column, value]) => row[column] !== value)) return;
    if (wanted.length && !wanted.every((word) => wordsOf(i).includes(word))) return;
    counts[row[0]]++;
    if (want < 0 || row[0] === want) chosen.push(i);
  });
  chosen.sort(orders[byId("order").value]);
  bar(index.status, counts);
  said(chosen.length, index.rows.length, "finding");
  show();
};

const unfold = byId("unfold");
const label = () => {
  unfold.hidden = folds().length === 0;
  unfold.textContent = folds().some((d) => !d.open) ? "Unfold all evidence" : "Fold all evidence";
};
unfold.addEventListener("click", () => {
  open = folds().some((d) => !d.open);
  for (const d of folds()) d.open = open;
  label();
});
// A text of code is put together when it is unfolded: of lines that texts share, with the account put in.
const code = (fold) => {
  if (!fold.open || !fold.dataset.code || fold.querySelector("pre")) return;
  const at = parseInt(fold.dataset.code, 10);
  const account = fold.dataset.code.slice(fold.dataset.code.indexOf(" ") + 1);
  const name = fold.querySelector("summary").textContent;
  const text = index.code[at].map((line) => index.line[line]).join("\n").replaceAll("\u0001", () => account);
  const note = "For this finding alone, and for the account as it was read: the commands above look again first.";
  const put = text.includes('"ADDRESS"') ? " Put the address of a person in place of ADDRESS." : "";
  const pre = element("pre", "", { tabindex: "0", role: "region", "aria-label": name });
  pre.append(element("code", text, { "data-name": name }));
  const copy = element("button", "Copy", { type: "button", class: "copy", "aria-label": `Copy: ${name}` });
  const box = element("div");
  box.append(element("p", note + put, { class: "soft" }), copy, pre);
  fold.querySelector("p").replaceWith(box);
};

// Unfolding all fires one event for each: one look at them per frame is enough.
let due = false;
byId("list").addEventListener("toggle", (event) => {
  code(event.target);
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    label();
  });
}, true);

// A link to a finding that is not on this page shows it.
const follow = () => {
  const id = decodeURIComponent(location.hash.slice(1));
  if (!id || byId(id)) return;
  const i = articles.findIndex((text) => text.startsWith(`\n<article id="${id}" `));
  if (i < 0) return;
  clear();
  filter();
  first = Math.floor(chosen.indexOf(i) / size) * size;
  show();
  byId(id)?.scrollIntoView();
};

// Paper gets the table of what is chosen, and after it the findings, more of them than a page shows;
// what is folded stays folded.
const most = 500; // findings on paper
const rows = cut(byId("table").textContent, "\n<tr ");
const paper = () => {
  const text = byId("table").textContent;
  const start = rows.length ? text.slice(0, text.indexOf(rows[0])) : "";
  const list = chosen.slice(0, most);
  const left = chosen.length - list.length;
  const table = parsed(start + chosen.map((i) => rows[i]).join("") + "</table></div>");
  if (left) table.push(element("p", `The first ${number(most)} follow in detail. Choose fewer to have the others.`, { class: "paper soft" }));
  const opened = new Set([...byId("list").querySelectorAll("article")].flatMap((a) => [...a.querySelectorAll("details")].map((d, n) => (d.open ? `${a.id} ${n}` : ""))));
  byId("list").replaceChildren(...table, ...draw(list));
  for (const a of byId("list").querySelectorAll("article")) a.querySelectorAll("details").forEach((d, n) => {
    d.open = open || opened.has(`${a.id} ${n}`);
    code(d);
  });
};
addEventListener("beforeprint", paper);
addEventListener("afterprint", show);

turn(show, "h3 a");
tools(filter, index.rows.length);
filter(); // browsers restore what was chosen on reload
addEventListener("hashchange", follow);
follow();
idle(prepare);
