//! What others support, and until when. The one file to renew when they move on, with the day on which that was done.
//!
//! Days are written as `YYYY-MM-DD`, so that they compare as text.

use super::version::Minor;

/// The day that all of this is as of. Without `--as-of` it is the day to judge by.
pub(super) const MADE: &str = "2026-11-28";

/// A minor version of Kubernetes on EKS: the days on which its standard and its extended support end.
pub(super) struct Support {
    pub(super) minor: Minor,
    pub(super) standard: &'static str,
    pub(super) extended: &'static str,
}

/// From <https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html>, "Amazon EKS Kubernetes release
/// calendar", and <https://endoflife.date/amazon-eks> for versions that have left it. 1.36 came to
/// EKS on 2026-06-02; its days are the 14 and 26 months later that the page promises. In order, without a gap.
pub(super) static EKS: [Support; 14] = [
    support(23, "2023-10-11", "2024-10-11"),
    support(24, "2024-01-31", "2025-01-31"),
    support(25, "2024-05-01", "2025-05-01"),
    support(26, "2024-06-11", "2025-06-11"),
    support(27, "2024-07-24", "2025-07-24"),
    support(28, "2024-11-26", "2025-11-26"),
    support(29, "2025-03-23", "2026-03-23"),
    support(30, "2025-07-23", "2026-07-23"),
    support(31, "2025-11-26", "2026-11-26"),
    support(32, "2026-03-23", "2027-03-23"),
    support(33, "2026-07-29", "2027-07-29"),
    support(34, "2026-12-02", "2027-12-02"),
    support(35, "2027-03-27", "2028-03-27"),
    support(36, "2027-08-02", "2028-08-02"),
];

const fn support(minor: u32, standard: &'static str, extended: &'static str) -> Support {
    Support { minor: Minor(minor), standard, extended }
}

/// So many versions may have come since the table was made, about a year's: nobody can say of them that they are not there.
pub(super) const YEAR: u32 = 3;

/// A chart that nobody maintains any more.
pub(super) struct Ended {
    pub(super) chart: &'static str,
    /// The last day, or the first without support, as its makers say it.
    pub(super) day: &'static str,
    pub(super) instead: &'static str,
}

pub(super) static ENDED: &[Ended] = &[
    // docs.aws.amazon.com/app-mesh: "On September 30, 2026, AWS will discontinue support".
    ended("appmesh-controller", "2026-09-30", "another service mesh: App Mesh itself is gone"),
    // grafana.com/docs/agent/latest: end of life of Agent in all its modes, the operator among them.
    ended("grafana-agent", "2025-11-01", "`alloy`, which understands the configuration of its Flow mode"),
    ended("grafana-agent-operator", "2025-11-01", "`alloy`"),
    // kubernetes.io/blog/2025/11/11/ingress-nginx-retirement: "best-effort maintenance will continue until March 2026".
    ended("ingress-nginx", "2026-03-31", "another controller of Ingresses, or one of the Gateway API"),
    // github.com/jaegertracing/jaeger/issues/6321: end of life of Jaeger v1, which is what the operator installs.
    ended("jaeger-operator", "2025-12-31", "Jaeger v2, by its own chart or the OpenTelemetry operator"),
    // github.com/kubernetes-retired/dashboard: archived.
    ended("kubernetes-dashboard", "2026-01-21", "`headlamp`"),
    // github.com/external-secrets/kubernetes-external-secrets: archived.
    ended("kubernetes-external-secrets", "2022-07-26", "`external-secrets`"),
    // grafana.com/docs/loki/latest/send-data/promtail: "end of life (EOL) as of March 2, 2026".
    ended("promtail", "2026-03-02", "`alloy`, which converts the configuration of Promtail"),
];

const fn ended(chart: &'static str, day: &'static str, instead: &'static str) -> Ended {
    Ended { chart, day, instead }
}

/// A minor version of Kubernetes and the first version of Karpenter that works with it.
/// From <https://karpenter.sh/docs/upgrading/compatibility/>; 1.11 still ended at Kubernetes 1.35
/// (<https://endoflife.date/karpenter>), so nothing before 1.12 works with 1.36.
pub(super) static KARPENTER: &[(Minor, (u64, u64, u64))] = &[
    (Minor(25), (0, 25, 0)),
    (Minor(26), (0, 28, 0)),
    (Minor(27), (0, 28, 0)),
    (Minor(28), (0, 31, 0)),
    (Minor(29), (0, 34, 0)),
    (Minor(30), (0, 37, 0)),
    (Minor(31), (1, 0, 5)),
    (Minor(32), (1, 2, 0)),
    (Minor(33), (1, 5, 0)),
    (Minor(34), (1, 6, 0)),
    (Minor(35), (1, 9, 0)),
    (Minor(36), (1, 12, 0)),
];

/// Kinds in a version of their API that Kubernetes serves no more.
pub(super) struct Removed {
    /// Group and version, as objects write them.
    pub(super) api: &'static str,
    pub(super) kinds: &'static [&'static str],
    /// The first minor version without it.
    pub(super) since: Minor,
    /// The API that has them now.
    pub(super) now: Option<&'static str>,
}

const WORKLOADS: &[&str] = &["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet", "ControllerRevision"];
const ROLES: &[&str] = &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];
const WEBHOOKS: &[&str] = &["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];
const POLICIES: &[&str] = &["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"];
const FLOWS: &[&str] = &["FlowSchema", "PriorityLevelConfiguration"];
const STORAGE: &[&str] = &["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"];
const REVIEWS: &[&str] = &["LocalSubjectAccessReview", "SelfSubjectAccessReview", "SubjectAccessReview"];

/// From <https://kubernetes.io/docs/reference/using-api/deprecation-guide/>. What it does not list is served for three
/// minor versions after it was deprecated (<https://kubernetes.io/docs/reference/using-api/deprecation-policy/>): the
/// policies of admission since 1.31, the beta kinds of networking and `VolumeAttributesClass` since 1.34.
pub(super) static REMOVED: &[Removed] = &[
    removed("extensions/v1beta1", WORKLOADS, 16, "apps/v1"),
    removed("apps/v1beta1", WORKLOADS, 16, "apps/v1"),
    removed("apps/v1beta2", WORKLOADS, 16, "apps/v1"),
    removed("extensions/v1beta1", &["NetworkPolicy"], 16, "networking.k8s.io/v1"),
    gone("extensions/v1beta1", &["PodSecurityPolicy"], 16),
    removed("admissionregistration.k8s.io/v1beta1", WEBHOOKS, 22, "admissionregistration.k8s.io/v1"),
    removed("apiextensions.k8s.io/v1beta1", &["CustomResourceDefinition"], 22, "apiextensions.k8s.io/v1"),
    removed("apiregistration.k8s.io/v1beta1", &["APIService"], 22, "apiregistration.k8s.io/v1"),
    removed("authentication.k8s.io/v1beta1", &["TokenReview"], 22, "authentication.k8s.io/v1"),
    removed("authorization.k8s.io/v1beta1", REVIEWS, 22, "authorization.k8s.io/v1"),
    removed("certificates.k8s.io/v1beta1", &["CertificateSigningRequest"], 22, "certificates.k8s.io/v1"),
    removed("coordination.k8s.io/v1beta1", &["Lease"], 22, "coordination.k8s.io/v1"),
    removed("extensions/v1beta1", &["Ingress"], 22, "networking.k8s.io/v1"),
    removed("networking.k8s.io/v1beta1", &["Ingress", "IngressClass"], 22, "networking.k8s.io/v1"),
    removed("rbac.authorization.k8s.io/v1beta1", ROLES, 22, "rbac.authorization.k8s.io/v1"),
    removed("scheduling.k8s.io/v1beta1", &["PriorityClass"], 22, "scheduling.k8s.io/v1"),
    removed("storage.k8s.io/v1beta1", STORAGE, 22, "storage.k8s.io/v1"),
    removed("autoscaling/v2beta1", &["HorizontalPodAutoscaler"], 25, "autoscaling/v2"),
    removed("batch/v1beta1", &["CronJob"], 25, "batch/v1"),
    removed("discovery.k8s.io/v1beta1", &["EndpointSlice"], 25, "discovery.k8s.io/v1"),
    removed("events.k8s.io/v1beta1", &["Event"], 25, "events.k8s.io/v1"),
    removed("node.k8s.io/v1beta1", &["RuntimeClass"], 25, "node.k8s.io/v1"),
    removed("policy/v1beta1", &["PodDisruptionBudget"], 25, "policy/v1"),
    gone("policy/v1beta1", &["PodSecurityPolicy"], 25),
    removed("autoscaling/v2beta2", &["HorizontalPodAutoscaler"], 26, "autoscaling/v2"),
    removed("flowcontrol.apiserver.k8s.io/v1beta1", FLOWS, 26, "flowcontrol.apiserver.k8s.io/v1"),
    removed("storage.k8s.io/v1beta1", &["CSIStorageCapacity"], 27, "storage.k8s.io/v1"),
    removed("flowcontrol.apiserver.k8s.io/v1beta2", FLOWS, 29, "flowcontrol.apiserver.k8s.io/v1"),
    removed("flowcontrol.apiserver.k8s.io/v1beta3", FLOWS, 32, "flowcontrol.apiserver.k8s.io/v1"),
    removed("admissionregistration.k8s.io/v1beta1", POLICIES, 34, "admissionregistration.k8s.io/v1"),
    removed("networking.k8s.io/v1beta1", &["IPAddress", "ServiceCIDR"], 37, "networking.k8s.io/v1"),
    removed("storage.k8s.io/v1beta1", &["VolumeAttributesClass"], 37, "storage.k8s.io/v1"),
];

const fn removed(api: &'static str, kinds: &'static [&'static str], since: u32, now: &'static str) -> Removed {
    Removed { api, kinds, since: Minor(since), now: Some(now) }
}

const fn gone(api: &'static str, kinds: &'static [&'static str], since: u32) -> Removed {
    Removed { api, kinds, since: Minor(since), now: None }
}

/// A version of an API that a chart serves no more.
pub(super) struct ChartApi {
    pub(super) chart: &'static str,
    /// The first version of the chart without it.
    pub(super) since: (u64, u64, u64),
    /// Group and version, as objects write them.
    pub(super) api: &'static str,
    /// All kinds, if none is named.
    pub(super) kinds: &'static [&'static str],
    pub(super) now: &'static str,
}

const SECRETS: &[&str] = &["ClusterExternalSecret", "ClusterSecretStore", "ExternalSecret", "SecretStore"];

pub(super) static CHART_APIS: &[ChartApi] = &[
    // cert-manager.io/docs/releases/upgrading/upgrading-1.5-1.6: no version before v1 is served.
    chart_api("cert-manager", (1, 6, 0), "cert-manager.io/v1alpha2", &[], "cert-manager.io/v1"),
    chart_api("cert-manager", (1, 6, 0), "cert-manager.io/v1alpha3", &[], "cert-manager.io/v1"),
    chart_api("cert-manager", (1, 6, 0), "cert-manager.io/v1beta1", &[], "cert-manager.io/v1"),
    // github.com/external-secrets/external-secrets/releases/tag/v0.17.0: "Stops serving v1beta1 apis".
    chart_api("external-secrets", (0, 17, 0), "external-secrets.io/v1beta1", SECRETS, "external-secrets.io/v1"),
    // karpenter.sh/docs/upgrading/upgrade-guide: 0.33 supports v1beta1 alone, 1.1 supports v1 alone.
    chart_api("karpenter", (0, 33, 0), "karpenter.sh/v1alpha5", &[], "karpenter.sh/v1` as a `NodePool"),
    chart_api("karpenter", (0, 33, 0), "karpenter.k8s.aws/v1alpha1", &[], "karpenter.k8s.aws/v1` as an `EC2NodeClass"),
    chart_api("karpenter", (1, 1, 0), "karpenter.sh/v1beta1", &[], "karpenter.sh/v1"),
    chart_api("karpenter", (1, 1, 0), "karpenter.k8s.aws/v1beta1", &[], "karpenter.k8s.aws/v1"),
    // doc.traefik.io/traefik/migrate/v2-to-v3: the group is gone with v3, which chart 28 installs.
    chart_api("traefik", (28, 0, 0), "traefik.containo.us/v1alpha1", &[], "traefik.io/v1alpha1"),
];

const fn chart_api(
    chart: &'static str,
    since: (u64, u64, u64),
    api: &'static str,
    kinds: &'static [&'static str],
    now: &'static str,
) -> ChartApi {
    ChartApi { chart, since, api, kinds, now }
}

#[cfg(test)]
mod tests {
    use super::{EKS, ENDED, KARPENTER, MADE, REMOVED};
    use crate::environment::acknowledge::is_day;

    #[test]
    fn days_are_days_and_rows_are_in_order() {
        assert!(is_day(MADE));
        for row in &EKS {
            assert!(is_day(row.standard) && is_day(row.extended) && row.standard < row.extended, "{}", row.minor);
        }
        assert!(
            EKS.windows(2).all(|rows| rows[0].minor.0 + 1 == rows[1].minor.0 && rows[0].standard < rows[1].standard)
        );
        assert!(ENDED.windows(2).all(|rows| rows[0].chart < rows[1].chart));
        assert!(ENDED.iter().all(|row| is_day(row.day)));
        assert!(KARPENTER.windows(2).all(|rows| rows[0].0 < rows[1].0 && rows[0].1 <= rows[1].1));
        assert!(REMOVED.is_sorted_by_key(|row| row.since));
    }
}
