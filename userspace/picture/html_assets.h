// SPDX-License-Identifier: GPL-2.0-or-later
// Style sheet and script of the report; both go into the page itself.
#pragma once

namespace sluice {

constexpr const char *html_style = R"css(
:root{color-scheme:light dark;--ink:#1b1b22;--paper:#fff;--soft:#f2f1f6;--line:#cfccd8;--mark:#0b5fa5}
@media (prefers-color-scheme:dark){:root{--ink:#e6e4ee;--paper:#16161c;--soft:#22222b;--line:#44424f;--mark:#6cb6ff}}
*{box-sizing:border-box}
body{margin:0 auto;padding:1rem;max-width:64rem;font:16px/1.45 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:1.6rem 0 .4rem}
svg{width:100%;height:auto;display:block}
a{color:var(--mark)}
dl.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:.6rem;margin:0}
dl.figures div{background:var(--soft);padding:.5rem .7rem;border-radius:.4rem}
dl.figures dt{font-size:.82rem}dl.figures dd{margin:0;font-size:1.15rem;font-weight:600}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .5rem;border-bottom:1px solid var(--line);text-align:right}
th:first-child,td:first-child{text-align:left}#ranking td:first-child{font-family:monospace}
caption{text-align:left;font-size:.88rem;padding-bottom:.3rem}
.bar{display:inline-block;height:.7em;background:var(--mark);vertical-align:baseline}
.scroll{overflow-x:auto}
#map:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
#cursor{fill:none;stroke:#fff;stroke-width:2.5;paint-order:stroke;filter:drop-shadow(0 0 1.5px #000)}
#readout{min-height:1.5em;font-family:monospace;font-size:.9rem;background:var(--soft);padding:.3rem .6rem;border-radius:.4rem}
#readout:empty{visibility:hidden}
.warn{border-left:.3rem solid #b35900;padding:.3rem .7rem;background:var(--soft)}
footer{margin-top:2rem;font-size:.85rem}
)css";

// Arrow keys and the pointer walk through the heat map; the cell is told in words.
constexpr const char *html_script = R"js(
(function () {
  'use strict';
  var data = JSON.parse(document.getElementById('heat-data').textContent);
  var map = document.getElementById('map'), svg = map.querySelector('svg');
  var readout = document.getElementById('readout');
  var row = 0, column = 0, cursor = null;
  if (!data.rows.length || !data.columns.length) return;

  function bytes(n) {
    var units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'], u = 0;
    while (n >= 1024 && u < 5) { n /= 1024; u++; }
    return (u ? n.toFixed(1) : n) + ' ' + units[u];
  }
  function show() {
    var r = data.rows[row], c = data.columns[column];
    var i = row * data.columns.length + column, fast = data.fast_permille[i];
    if (!cursor) {
      cursor = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
      cursor.id = 'cursor';
      svg.appendChild(cursor);
    }
    cursor.setAttribute('x', c.x); cursor.setAttribute('width', c.width);
    cursor.setAttribute('y', r.y); cursor.setAttribute('height', r.height);
    readout.textContent = r.start + ' to ' + r.end + ' (' + bytes(r.bytes) + '), ' +
      c.start_s.toFixed(1) + ' to ' + c.end_s.toFixed(1) + ' s: ' +
      data.samples[i] + ' samples, ' + data.density[i].toPrecision(3) + ' per MiB and second, ' +
      (fast === null ? 'nothing in memory' : (fast / 10).toFixed(0) + ' % in the fast tier');
  }
  map.addEventListener('keydown', function (event) {
    var old = row + ',' + column;
    if (event.key === 'ArrowUp') row = Math.max(0, row - 1);
    else if (event.key === 'ArrowDown') row = Math.min(data.rows.length - 1, row + 1);
    else if (event.key === 'ArrowLeft') column = Math.max(0, column - 1);
    else if (event.key === 'ArrowRight') column = Math.min(data.columns.length - 1, column + 1);
    else if (event.key === 'Home') column = 0;
    else if (event.key === 'End') column = data.columns.length - 1;
    else if (event.key === 'Enter') {
      var hot = data.samples.map(function (s, i) { return data.density[i]; });
      var best = hot.indexOf(Math.max.apply(null, hot));
      row = Math.floor(best / data.columns.length); column = best % data.columns.length;
    } else return;
    event.preventDefault();
    if (old !== row + ',' + column || !cursor) show();
  });
  map.addEventListener('focus', show);
  svg.addEventListener('pointermove', function (event) {
    var box = svg.getBoundingClientRect(), scale = svg.viewBox.baseVal.width / box.width;
    var x = (event.clientX - box.left) * scale, y = (event.clientY - box.top) * scale;
    var c = data.columns.findIndex(function (k) { return x >= k.x && x < k.x + k.width; });
    var r = data.rows.findIndex(function (k) { return y >= k.y && y < k.y + k.height; });
    if (r < 0 || c < 0) return;
    row = r; column = c; show();
  });
})();
)js";

}  // namespace sluice
