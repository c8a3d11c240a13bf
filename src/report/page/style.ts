import { colourStyle } from '../../drawing/colours.ts';

/** The style of the page: system fonts, one column, light and dark by the reader's system, a phone's width, paper. */
export const STYLE = `${colourStyle(':root')}
*{box-sizing:border-box}
[hidden]{display:none!important}
html{scroll-padding-top:1rem}
body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--draw-ink);background:var(--draw-paper)}
header,main,footer{max-width:72rem;margin:0 auto;padding:0 1.25rem}
h1{font-size:1.7rem;line-height:1.25;margin:0}
h2{font-size:1.3rem;margin:0 0 .75rem}
h3{font-size:.8rem;letter-spacing:.06em;text-transform:uppercase;color:var(--draw-quiet);margin:1.5rem 0 .4rem}
p{margin:.4rem 0;max-width:75ch}
a{color:var(--draw-test)}
b,p,td,th,li{overflow-wrap:anywhere}
:focus-visible{outline:3px solid var(--draw-test);outline-offset:2px;border-radius:3px}
:target,.row:focus,.iteration:focus{scroll-margin-top:1rem}
small{display:block;color:var(--draw-quiet);font-size:.82rem;line-height:1.4}
code{font-size:.9em}
.overview{min-width:44rem}
.overview th[scope=row]{white-space:nowrap}
.pass,.met .mark{color:var(--draw-target)}
.fail,.not-met .mark,.status{color:var(--draw-bad)}
.warning .mark{color:var(--draw-train)}
.unseen,.said{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999rem}
.skip:focus{left:1rem;top:.5rem;z-index:1;background:var(--draw-paper);padding:.4rem .8rem}
.verdict{border-top:.5rem solid;padding-top:1.25rem;margin-top:0;max-width:none;padding-bottom:.75rem;border-bottom:1px solid var(--draw-faint)}
.verdict>*{max-width:69.5rem;margin-left:auto;margin-right:auto}
.verdict.pass,.verdict.fail{border-top-color:currentColor}
.verdict h1{color:inherit}
.verdict p,.verdict details{color:var(--draw-ink)}
.verdict p{margin-top:.4rem}
section,.iteration{margin:2rem 0;padding-bottom:1rem}
.iteration{border-top:1px solid var(--draw-faint);padding-top:1.5rem}
.failures{border:2px solid var(--draw-bad);border-radius:.5rem;padding:1rem 1.25rem}
.failures ol{margin:0;padding-left:1.4rem}
.failures li{margin:.5rem 0}
.failures small{display:inline}
.drawing,.scroll{overflow-x:auto;margin:.5rem 0}
.drawing svg{display:block;max-width:100%;height:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;width:100%}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--draw-faint)}
thead th{font-size:.8rem;color:var(--draw-quiet);font-weight:600;border-bottom-width:2px;vertical-align:bottom}
tbody th{font-weight:500}
.number{text-align:right;white-space:nowrap}
.rows{table-layout:fixed}
.rows td:nth-child(2),.rows th:nth-child(2){width:46%}
.rows thead th:last-child,.tools{width:5.2rem}
.rows .number{width:7rem}
.rows tbody th{display:flex;gap:.5rem;border-bottom:0}
.rows tbody tr{border-bottom:1px solid var(--draw-faint)}
.rows tbody td{border-bottom:0}
.row:target,.row:focus{background:color-mix(in srgb,var(--draw-test) 14%,transparent)}
.mark{font-weight:700;flex:none;width:1rem}
.status{display:inline;font-weight:600}
.remedy{margin-top:.25rem;color:var(--draw-ink)}
.tools{text-align:right;white-space:nowrap}
.tools a,.copy,.here{display:inline-block;min-width:1.9rem;min-height:1.9rem;padding:.15rem .4rem;text-align:center;text-decoration:none;color:var(--draw-quiet)}
.copy{font-size:.8rem}
.copy,.filters button{font-family:inherit;border:1px solid var(--draw-faint);border-radius:.3rem;background:none;color:var(--draw-ink);cursor:pointer}
.tools a:hover,.copy:hover,.here:hover{color:var(--draw-test);border-color:var(--draw-test)}
.filters{display:flex;flex-wrap:wrap;gap:.6rem 1.2rem;align-items:center;margin:2rem 0 0;padding:.8rem 1rem;border:1px solid var(--draw-faint);border-radius:.5rem}
.filters select,.filters input{font:inherit;max-width:13rem;color:inherit;background:var(--draw-paper);border:1px solid var(--draw-quiet);border-radius:.3rem;padding:.2rem .4rem}
.filters button{font-size:inherit;padding:.2rem .8rem}
details{margin:.6rem 0}
summary{cursor:pointer;padding:.25rem 0}
summary h2{display:inline;font-size:1.1rem}
.plain{width:auto;font-size:.85rem;margin:.5rem 0 1rem}
.plain caption{text-align:left;color:var(--draw-quiet);padding:.2rem 0}
.plain th,.plain td{padding:.2rem .6rem;white-space:nowrap}
.digits{display:flex;flex-wrap:wrap;gap:.8rem;list-style:none;padding:0;margin:.5rem 0}
.digits li{width:5.5rem;text-align:center;font-size:.9rem}
.digits img{display:block;margin:0 auto .2rem;image-rendering:pixelated;background:#fff;border:1px solid var(--draw-faint);max-width:100%;height:auto}
footer{color:var(--draw-quiet);border-top:1px solid var(--draw-faint);padding-top:.5rem;padding-bottom:2rem}
.iteration{content-visibility:auto;contain-intrinsic-size:auto 1600px}
@media (max-width:40rem){
header,main,footer{padding-left:.9rem;padding-right:.9rem}
h1{font-size:1.35rem}
.rows .number,.rows td:nth-child(3):not(.tools),.rows th:nth-child(3):not(:last-child){width:4.4rem;font-size:.85rem;white-space:normal}
.rows th,.rows td{padding:.4rem .3rem}
.rows td:nth-child(2),.rows th:nth-child(2){width:42%}
.rows thead th:last-child,.tools{width:3.4rem}
.tools{white-space:normal}
.drawing svg{max-width:none;width:auto}
.filters label{width:100%;display:flex;justify-content:space-between}
}
@media print{
:root{color-scheme:light}
.filters,.tools,.skip,.here,thead th:last-child:has(.unseen){display:none}
.iteration{content-visibility:visible}
.row,figure,.drawing,.digits li,.failures li{break-inside:avoid}
h2,h3{break-after:avoid}
.drawing,.scroll{overflow:visible}
body{font-size:11pt}
}`;
