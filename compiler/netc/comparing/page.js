"use strict";
// Hides what the filter does not want. A row of the table has what may be asked of it in its attributes.
const form = document.querySelector("form");
const sections = [...document.querySelectorAll("section")].map((section) => ({
    section,
    hosts: section.dataset.hosts.toLowerCase(),
    blocks: [...section.querySelectorAll("tbody")].map((body) => ({
        body,
        rows: [...body.querySelectorAll("tr.change")].map((row) => ({
            row,
            text: `${body.querySelector("tr.cause").textContent} ${row.textContent}`.toLowerCase(),
        })),
    })),
}));

function wanted(entry, asked) {
    return ["kind", "effect", "how"].every((name) => !asked[name] || entry.row.dataset[name] === asked[name]) &&
        entry.text.includes(asked.text);
}

function filter() {
    const asked = Object.fromEntries(new FormData(form));
    asked.text = asked.text.toLowerCase().trim();
    const host = asked.host.toLowerCase().trim();
    const narrowed = asked.text || asked.kind || asked.effect || asked.how;
    let shown = 0, all = 0;
    for (const { section, hosts, blocks } of sections) {
        const right = !host || hosts.split(" ").some((name) => name.includes(host));
        let here = 0;
        for (const { body, rows } of blocks) {
            let left = 0;
            for (const entry of rows) {
                const seen = right && wanted(entry, asked);
                entry.row.hidden = !seen;
                left += seen;
            }
            body.hidden = left === 0;
            here += left;
            all += rows.length;
        }
        section.hidden = !right || (narrowed && here === 0);
        shown += here;
    }
    const changes = all === 1 ? "1 change" : `${all} changes`;
    form.querySelector("output").value = shown === all ? changes : `${shown} of ${changes}`;
}

form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
filter();
