import { organisationKey, organisationName } from './organisation.ts';

/**
 * Runs as the first of a page, also before its style sheets are there (an `async` module waits for none): asks for what
 * the frame, and the graph, will ask for when their scripts have come. A view other than the usual one asks for itself.
 * Whether somebody is signed in no script can tell before: the session's cookie is hidden from them. That nobody is
 * stands as the answer, so that it is not asked twice.
 */
export const earlyScript = `(function(){try{
var path=location.pathname,early=window.ambitEarly=[],headers={};
if(/^\\/(sign-in|accept)/.test(path))return;
var organisation=localStorage.getItem('${organisationKey}');
if(organisation)headers['${organisationName}']=organisation;
function ask(verb,input){var text=JSON.stringify(input);early.push({path:verb,input:text,answer:
fetch('/trpc/'+verb+'?input='+encodeURIComponent(text),{headers:headers})
.then(function(r){return r.ok||r.status===401?r.json():null})
.then(function(b){return b&&(b.result||b.error&&{error:b.error})||null}).catch(function(){return null})})}
ask('me.get',{});
var mesh=/^\\/meshes\\/(msh_\\w+)(\\/topology)?/.exec(path);
if(!mesh)return;
ask('mesh.get',{meshId:mesh[1]});
if(mesh[2]&&!/[?&](group|unfolded|services|idle|at)=/.test(location.search))
ask('topology.get',{meshId:mesh[1],group:'workload',ambient:'folded',services:'false',idle:'false'});
}catch(e){}})();`;
