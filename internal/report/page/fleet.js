// The page of many accounts. An account is a row of numbers; its evidence is built when it is unfolded.

const index = JSON.parse(byId("index").textContent);
const LETTERS = "FUWVPN"; // of index.status
const names = ["fail", "unknown", "warning", "waived", "pass", "n/a"];
const classes = ["fail", "unknown", "warn", "waived", "pass", "na"];
const ID = 0, NAME = 1, UNIT = 2, CLASS = 3, NOTE = 4, PAGE = 5;

// What the accounts of a class have in common is counted once.
for (const c of index.class) {
  c.count = [...LETTERS].map((letter) => c.s.split(letter).length - 1);
  c.worst = Math.max(0, c.count.findIndex((n) => n > 0));
  c.words = [...new Set(c.c)].filter((i) => i >= 0).map((i) => index.cause[i]).join(" ").toLowerCase();
}
const classOf = (i) => index.class[index.account[i][CLASS]];
const found = index.account.map((a) => `${a[ID]} ${a[NAME]} ${index.unit[a[UNIT]]} ${a[NOTE] ?? ""}`.toLowerCase());

const tally = (length, of) => {
  const counts = new Array(length).fill(0);
  for (const a of index.account) for (const i of of(a)) counts[i]++;
  return counts;
};
for (const c of index.class) c.causes = [...new Set(c.c)].filter((i) => i >= 0);
fill("control", "Any control", index.control, tally(index.control.length, (a) => [...index.class[a[CLASS]].s].flatMap((letter, i) => (letter === "-" ? [] : [i]))));
fill("cause", "Any cause", index.cause, tally(index.cause.length, (a) => index.class[a[CLASS]].causes));
fill("unit", "Any unit", index.unit, tally(index.unit.length, (a) => [a[UNIT]]));

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
const orders = {
  worst: (a, b) => {
    const x = classOf(a).count, y = classOf(b).count;
    for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return y[i] - x[i];
    return a - b;
  },
  id: (a, b) => a - b,
  name: (a, b) => compare(index.account[a][NAME], index.account[b][NAME]) || a - b,
  unit: (a, b) => index.account[a][UNIT] - index.account[b][UNIT] || a - b,
};

let chosen = [];
const plain = (text) => text.trim().toLowerCase().split(/\s+/).filter(Boolean);

const filter = () => {
  const wanted = plain(byId("q").value);
  const control = Number(select("control").value), cause = Number(select("cause").value), unit = Number(select("unit").value);
  const want = index.status.indexOf(status());
  const counts = new Array(index.status.length).fill(0);
  chosen = [];
  index.account.forEach((a, i) => {
    const c = index.class[a[CLASS]];
    if (unit >= 0 && a[UNIT] !== unit) return;
    if (cause >= 0 && !(control >= 0 ? c.c[control] === cause : c.causes.includes(cause))) return;
    if (!wanted.every((word) => found[i].includes(word) || c.words.includes(word))) return;
    const is = control >= 0 ? LETTERS.indexOf(c.s[control]) : c.worst;
    if (is < 0) return;
    counts[is]++;
    if (want < 0 || is === want) chosen.push(i);
  });
  chosen.sort(orders[byId("order").value]);
  bar(index.status, counts);
  said(chosen.length, index.account.length, "account");
  show();
};

// strip draws a cell for each control.
const svgNames = document.querySelector("svg").namespaceURI;
const strip = (c) => {
  const svg = document.createElementNS(svgNames, "svg");
  svg.setAttribute("class", "strip");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("viewBox", `0 0 ${c.s.length * 6} 12`);
  svg.setAttribute("preserveAspectRatio", "none");
  for (let at = 0; at < c.s.length; ) { // cells of the same color are one rectangle
    let end = at;
    while (c.s[end] === c.s[at]) end++;
    const rect = document.createElementNS(svgNames, "rect");
    rect.setAttribute("class", classes[LETTERS.indexOf(c.s[at])] ?? "");
    for (const [name, value] of [["x", at * 6], ["width", (end - at) * 6], ["height", 12]]) rect.setAttribute(name, value);
    svg.append(rect);
    at = end;
  }
  return svg;
};

const summed = (c) => c.count.flatMap((n, i) => (n ? [`${n} ${names[i]}`] : [])).join(", ");

const row = (i) => {
  const a = index.account[i], c = classOf(i);
  const details = element("details", "", { class: "account" });
  const summary = element("summary");
  const who = element("span", "", { class: "who" });
  who.append(element("b", a[ID]), " ", element("span", a[NAME]), " ", element("span", [index.unit[a[UNIT]], a[NOTE]].filter(Boolean).join(" · "), { class: "soft" }));
  summary.append(who, " ", strip(c), " ", element("span", summed(c), { class: "sum" }));
  details.append(summary);
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(...evidence(i));
  });
  return details;
};

// evidence is what an account's findings rest on, what is wrong first.
const evidence = (i) => {
  const a = index.account[i], c = classOf(i);
  const order = [...c.s].map((letter, at) => [LETTERS.indexOf(letter), at]).filter(([is]) => is >= 0).sort((x, y) => x[0] - y[0] || x[1] - y[1]);
  let html = a[PAGE] ? `<p class="soft"><a href="${a[ID]}.html">The page of this account</a></p>` : "";
  let left = 0;
  for (const [, at] of order) {
    if (c.e[at] < 0) left++;
    else html += index.evidence[c.e[at]].replaceAll("{account}", a[ID]);
  }
  const out = parsed(html);
  if (left) out.push(element("p", `The evidence of ${plural(left, "check")} is left out here to keep the page small. 'monitorctl audit' with -o html=DIR/ writes a page for each such account.`, { class: "soft" }));
  return out;
};

const show = () => pager(chosen.length, (from, to) => byId("list").replaceChildren(...chosen.slice(from, to).map(row)));

for (const button of document.querySelectorAll("button.pick")) {
  button.addEventListener("click", () => {
    clear();
    select("cause").value = button.value;
    first = 0;
    filter();
    byId("accounts").scrollIntoView();
    byId("accounts").focus({ preventScroll: true });
  });
}

// Paper gets a table of the accounts that are chosen.
const most = 2000;
const paper = () => {
  const table = element("table");
  const head = element("tr");
  for (const name of ["Account", "Name", "Organizational unit", "Checks"]) head.append(element("th", name, { scope: "col" }));
  const body = element("tbody");
  for (const i of chosen.slice(0, most)) {
    const tr = element("tr", "", { class: "row" });
    const a = index.account[i];
    tr.append(element("th", a[ID], { scope: "row" }), element("td", a[NAME]), element("td", index.unit[a[UNIT]]), element("td", summed(classOf(i))));
    body.append(tr);
  }
  const thead = element("thead");
  thead.append(head);
  table.append(element("caption", "The accounts that are chosen", { class: "hide" }), thead, body);
  const div = element("div", "", { class: "paper" });
  div.append(table);
  if (chosen.length > most) div.append(element("p", `${number(chosen.length - most)} more are not printed: choose fewer.`, { class: "soft" }));
  byId("list").replaceChildren(div);
};
addEventListener("beforeprint", paper);
addEventListener("afterprint", show);

byId("unfold").remove();
turn(show, "summary");
tools(filter, index.account.length);
filter();
