/** How the API reference looks. */
export const reference_style = `
:root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
* { box-sizing: border-box; }
body { margin: 0; display: grid; grid-template-columns: 20rem minmax(0, 1fr); font: 15px/1.5 system-ui, sans-serif; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1rem; border-right: 1px solid var(--line); font-size: 13px; }
nav ul { list-style: none; padding: 0; }
nav ul ul { padding-left: .5rem; margin: .2rem 0 .8rem; }
nav a { text-decoration: none; overflow-wrap: anywhere; }
main { padding: 1rem 2rem 4rem; max-width: 70rem; }
h1 { font-size: 1.2rem; }
h2 { margin-top: 3rem; border-bottom: 2px solid var(--line); text-transform: capitalize; }
h3 { font: 600 1rem ui-monospace, monospace; overflow-wrap: anywhere; }
h4 { margin: 1rem 0 .3rem; }
p { margin: .2rem 0; }
section { padding: .5rem 0 1.5rem; border-bottom: 1px solid var(--line); scroll-margin-top: .5rem; }
table { border-collapse: collapse; width: 100%; margin: .3rem 0; }
td { border-top: 1px solid var(--line); padding: .3rem .6rem .3rem 0; vertical-align: top; }
td:first-child { white-space: nowrap; }
td table { margin-left: .5rem; border-left: 2px solid var(--line); }
td table td { padding-left: .5rem; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
pre { overflow: auto; padding: .6rem; border: 1px solid var(--line); border-radius: 4px; max-height: 24rem; }
.method { font-weight: 700; }
.status { font-weight: 700; width: 4rem; }
.limits { font-size: 13px; opacity: .75; overflow-wrap: anywhere; }
@media (max-width: 50rem) { body { display: block; } nav { position: static; height: auto; } main { padding: 1rem; } }
`
