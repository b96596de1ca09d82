import fs from 'node:fs'
const mods=process.argv.slice(2)
const t=performance.now()
for(const m of mods) await import(m)
await new Promise(r=>setTimeout(r,300)); globalThis.gc?.()
await new Promise(r=>setTimeout(r,300))
const s=fs.readFileSync('/proc/self/smaps_rollup','utf8'); const g=k=>(Number(new RegExp('^'+k+':\\s+(\\d+)','m').exec(s)[1])/1024).toFixed(1)
const mu=process.memoryUsage()
console.log(mods.join(' ').slice(0,60).padEnd(60),'rss',g('Rss'),'pss',g('Pss'),'private',(+g('Private_Dirty')).toFixed(1),'heap',(mu.heapTotal/1e6).toFixed(1),'ext',(mu.external/1e6).toFixed(1),'ms',(performance.now()-t-600).toFixed(0),'cpu',(process.cpuUsage().user+process.cpuUsage().system)/1000|0)
