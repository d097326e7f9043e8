import * as alert from './operations/alert.ts';
import * as alertRoute from './operations/alert-route.ts';
import * as access from './operations/access.ts';
import * as ambient from './operations/ambient.ts';
import * as cluster from './operations/cluster.ts';
import * as direct from './operations/direct.ts';
import * as enrolment from './operations/enrolment.ts';
import * as certificate from './operations/certificate.ts';
import * as finding from './operations/finding.ts';
import * as integration from './operations/integration.ts';
import * as lifecycle from './operations/lifecycle.ts';
import * as mesh from './operations/mesh.ts';
import * as objective from './operations/objective.ts';
import * as organisation from './operations/organisation.ts';
import * as policy from './operations/policy.ts';
import * as proxy from './operations/proxy.ts';
import * as release from './operations/release.ts';
import * as sandbox from './operations/sandbox.ts';
import * as service from './operations/service.ts';
import * as topology from './operations/topology.ts';
import * as trace from './operations/trace.ts';
import * as waypoint from './operations/waypoint.ts';
import * as waypointPool from './operations/waypoint-pool.ts';
import * as waypointReclaim from './operations/waypoint-reclaim.ts';
import * as waypointSleep from './operations/waypoint-sleep.ts';

/** Every verb of the product by domain and verb; all doors are made from this table. */
export const catalogue = {
  me: { get: organisation.meGet },
  organisation: { update: organisation.organisationUpdate },
  project: {
    list: organisation.projectList,
    create: organisation.projectCreate,
    delete: organisation.projectDelete,
  },
  member: { list: access.memberList, update: access.memberUpdate, remove: access.memberRemove },
  invitation: {
    list: access.invitationList,
    create: access.invitationCreate,
    revoke: access.invitationRevoke,
  },
  token: { list: access.tokenList, create: access.tokenCreate, revoke: access.tokenRevoke },
  audit: { list: access.auditList },
  release: { list: release.releaseList },
  cluster: {
    list: cluster.clusterList,
    get: cluster.clusterGet,
    join: cluster.clusterJoin,
    renewJoin: cluster.clusterRenewJoin,
    revoke: cluster.clusterRevoke,
    leave: cluster.clusterLeave,
    namespaces: cluster.clusterNamespaces,
  },
  sandbox: { get: sandbox.sandboxGet, inject: sandbox.sandboxInject },
  mesh: {
    list: mesh.meshList,
    get: mesh.meshGet,
    precheck: mesh.meshPrecheck,
    create: mesh.meshCreate,
    update: mesh.meshUpdate,
    upgradeCheck: mesh.meshUpgradeCheck,
    upgrade: mesh.meshUpgrade,
    deleteCheck: mesh.meshDeleteCheck,
    delete: mesh.meshDelete,
    workloads: mesh.meshWorkloads,
    objects: mesh.meshObjects,
    kubeconfig: mesh.meshKubeconfig,
    changes: alert.meshChanges,
    metrics: service.meshMetrics,
  },
  enrolment: {
    list: enrolment.enrolmentList,
    get: enrolment.enrolmentGet,
    pair: enrolment.enrolmentPair,
    preview: enrolment.enrolmentPreviewChange,
    change: enrolment.enrolmentChange,
    undo: enrolment.enrolmentUndo,
    repair: enrolment.enrolmentRepair,
  },
  ambient: {
    nodes: ambient.ambientNodes,
    namespaces: ambient.ambientNamespaces,
    configure: ambient.ambientConfigure,
  },
  guard: { get: enrolment.guardGet, update: enrolment.guardUpdate },
  path: { get: enrolment.pathGet },
  waypoint: {
    list: waypoint.waypointList,
    get: waypoint.waypointGet,
    signals: waypoint.waypointSignals,
    create: waypoint.waypointCreate,
    update: waypoint.waypointUpdate,
    delete: waypoint.waypointDelete,
    release: waypoint.waypointRelease,
    preview: waypoint.waypointPreview,
    takeUp: waypointReclaim.waypointTakeUp,
    wake: waypointSleep.waypointWake,
  },
  waypointReclaim: {
    get: waypointReclaim.waypointReclaimGet,
    set: waypointReclaim.waypointReclaimSet,
  },
  waypointPool: {
    list: waypointPool.waypointPoolList,
    get: waypointPool.waypointPoolGet,
    templates: waypointPool.waypointPoolTemplates,
    create: waypointPool.waypointPoolCreate,
    update: waypointPool.waypointPoolUpdate,
    delete: waypointPool.waypointPoolDelete,
    preview: waypointPool.waypointPoolPreview,
  },
  objective: {
    list: objective.objectiveList,
    get: objective.objectiveGet,
    create: objective.objectiveCreate,
    update: objective.objectiveUpdate,
    delete: objective.objectiveDelete,
    status: objective.objectiveStatus,
    preview: objective.objectivePreview,
    rules: objective.objectiveRules,
  },
  alert: {
    list: alert.alertList,
    get: alert.alertGet,
    acknowledge: alert.alertAcknowledge,
    release: alert.alertRelease,
  },
  alertRule: {
    list: alert.alertRuleList,
    create: alert.alertRuleCreate,
    update: alert.alertRuleUpdate,
    delete: alert.alertRuleDelete,
  },
  silence: { list: alert.silenceList, create: alert.silenceCreate, expire: alert.silenceExpire },
  alertRoute: {
    list: alertRoute.alertRouteList,
    create: alertRoute.alertRouteCreate,
    update: alertRoute.alertRouteUpdate,
    delete: alertRoute.alertRouteDelete,
    test: alertRoute.alertRouteTest,
  },
  alertDelivery: {
    list: alertRoute.alertDeliveryList,
    retry: alertRoute.alertDeliveryRetry,
  },
  finding: {
    list: finding.findingList,
    get: finding.findingGet,
    summary: finding.findingSummary,
    suppress: finding.findingSuppress,
    suppressions: finding.findingSuppressions,
    unsuppress: finding.findingUnsuppress,
  },
  diagnosis: {
    get: finding.diagnosisGet,
    run: finding.diagnosisRun,
    update: finding.diagnosisUpdate,
    report: finding.diagnosisReport,
  },
  certificate: { list: certificate.certificateList },
  rule: { list: finding.ruleList, get: finding.ruleGet },
  clusterAdmission: {
    get: finding.clusterAdmissionGet,
    update: finding.clusterAdmissionUpdate,
  },
  ruleSetting: { list: finding.ruleSettingList, update: finding.ruleSettingUpdate },
  topology: { get: topology.topologyGet, signals: topology.topologySignals },
  service: { list: service.serviceList, versions: service.serviceVersions },
  trace: { list: trace.traceList, get: trace.traceGet, services: trace.traceServices },
  integration: {
    list: integration.integrationList,
    get: integration.integrationGet,
    create: integration.integrationCreate,
    update: integration.integrationUpdate,
    delete: integration.integrationDelete,
    test: integration.integrationTest,
  },
  proxy: {
    list: proxy.proxyList,
    config: proxy.proxyConfig,
    logs: proxy.proxyLogs,
    requests: proxy.proxyRequests,
    certificates: proxy.proxyCertificates,
    events: proxy.proxyEvents,
  },
  operation: {
    list: lifecycle.operationList,
    get: lifecycle.operationGet,
    logs: lifecycle.operationLogs,
    cancel: lifecycle.operationCancel,
    retry: lifecycle.operationRetry,
  },
  policy: {
    list: policy.policyList,
    targets: policy.policyTargets,
    get: policy.policyGet,
    apply: policy.policyApply,
    update: policy.policyUpdate,
    delete: policy.policyDelete,
    history: policy.policyHistory,
    restore: policy.policyRestore,
  },
  direct: {
    list: direct.directList,
    listInCluster: direct.directListInCluster,
    get: direct.directGet,
    adopt: direct.directAdopt,
    leave: direct.directLeave,
    decide: direct.directDecide,
  },
} as const;

export type Catalogue = typeof catalogue;
