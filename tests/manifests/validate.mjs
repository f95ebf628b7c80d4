// Judges manifests by the schemas of Kubernetes, Istio, External Secrets and cert-manager, as npm packages carry them.
// Reads a JSON list on stdin, writes a JSON list of what is wrong with each. A field that no schema ever looks at is a
// mistake too: the API server would drop it, or refuse it.
const THIRD = [
  [/\.istio\.io\//, "@kubernetes-models/istio"],
  [/^external-secrets\.io\//, "@kubernetes-models/external-secrets"],
  [/^cert-manager\.io\//, "@kubernetes-models/cert-manager"],
];

// No package carries this one: its fields are those of the AWS Load Balancer Controller's own reference
// (kubernetes-sigs.github.io/aws-load-balancer-controller, guide/targetgroupbinding).
const BINDING = "elbv2.k8s.aws/v1beta1";
function bound({ metadata, spec }) {
  const { targetGroupName, serviceRef, targetType, ...other } = spec;
  const right =
    typeof metadata.name === "string" &&
    typeof targetGroupName === "string" &&
    typeof serviceRef.name === "string" &&
    Number.isInteger(serviceRef.port) &&
    ["instance", "ip"].includes(targetType) &&
    Object.keys(other).length === 0;
  return right ? [] : ["no TargetGroupBinding"];
}

// What Istio hands on to Envoy as it is (networking.istio.io: EnvoyFilter.Patch.value is a Struct): its schema is Envoy's.
const ENVOYS = /^\/spec\/configPatches\/\d+\/patch\/value\//;

async function modelOf({ apiVersion, kind }) {
  const found = THIRD.find(([pattern]) => pattern.test(apiVersion));
  const place = `${found ? found[1] : "kubernetes-models"}/${apiVersion}/${kind}`;
  return (await import(place))[kind];
}

function watched(value, path, seen) {
  if (value === null || typeof value !== "object") return value;
  return new Proxy(value, {
    get(target, key) {
      const inner = target[key];
      if (typeof key === "symbol" || !Object.hasOwn(target, key)) return inner;
      seen.add(`${path}/${key}`);
      return watched(inner, `${path}/${key}`, seen);
    },
  });
}

function unread(value, path, seen) {
  if (value === null || typeof value !== "object") return [];
  return Object.keys(value).flatMap((key) => {
    const at = `${path}/${key}`;
    return seen.has(at) ? unread(value[key], at, seen) : [at];
  });
}

async function judge(manifest) {
  if (manifest.apiVersion === BINDING) return bound(manifest);
  let Model;
  try {
    Model = await modelOf(manifest);
  } catch (fault) {
    return [`no schema: ${fault.message}`];
  }
  const seen = new Set(["/apiVersion", "/kind"]);
  try {
    Model.prototype.validate.call(watched(manifest, "", seen));
  } catch (fault) {
    return [String(fault.message)];
  }
  const strange = unread(manifest, "", seen).filter((at) => manifest.kind !== "EnvoyFilter" || !ENVOYS.test(at));
  return strange.map((at) => `${at}: no schema knows it`);
}

let text = "";
for await (const chunk of process.stdin) text += chunk;
const manifests = JSON.parse(text);
const judged = await Promise.all(manifests.map(judge));
process.stdout.write(JSON.stringify(judged));
