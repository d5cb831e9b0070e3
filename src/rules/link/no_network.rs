//! Clusters whose nodes never become ready, since nothing gives pods a network.

use crate::check::cfn::Template;
use crate::check::{Report, View, rule};

rule! {
    NO_NETWORK = Warning "link/no-network";
    summary: "a cluster is made without a network plugin, and nothing installs one";
    explanation: "With `BootstrapSelfManagedAddons: false` EKS installs no VPC CNI. Until something else does, an add-on, Cilium, Calico or the like, every node stays `NotReady` and no pod starts. Judged in trees that make one such cluster with nodes, and deliver charts or DaemonSets to it. Auto Mode brings a network of its own. Acknowledge it where another repository installs the plugin.";
    wrong: "
        --- # cluster/template.yaml
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Name: prod, RoleArn: 'arn:aws:iam::012345678901:role/eks', BootstrapSelfManagedAddons: false, ResourcesVpcConfig: {SubnetIds: [subnet-0123456789abcdef0, subnet-0123456789abcdef1], EndpointPrivateAccess: true, EndpointPublicAccess: false}}}
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: 'arn:aws:iam::012345678901:role/node', Subnets: [subnet-0123456789abcdef0]}}
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: metrics-server, namespace: argocd}
        spec:
          project: default
          destination: {server: https://kubernetes.default.svc, namespace: kube-system}
          source: {repoURL: https://kubernetes-sigs.github.io/metrics-server, chart: metrics-server, targetRevision: 3.13.1}
    ";
    right: "
        --- # cluster/template.yaml
        Resources:
          Cluster: {Type: AWS::EKS::Cluster, Properties: {Name: prod, RoleArn: 'arn:aws:iam::012345678901:role/eks', BootstrapSelfManagedAddons: false, ResourcesVpcConfig: {SubnetIds: [subnet-0123456789abcdef0, subnet-0123456789abcdef1], EndpointPrivateAccess: true, EndpointPublicAccess: false}}}
          Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: prod, NodeRole: 'arn:aws:iam::012345678901:role/node', Subnets: [subnet-0123456789abcdef0]}}
        --- # application.yaml
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: cilium, namespace: argocd}
        spec:
          project: default
          destination: {server: https://kubernetes.default.svc, namespace: kube-system}
          source: {repoURL: https://helm.cilium.io, chart: cilium, targetRevision: 1.18.4}
    ";
}

/// Parts of the names by which network plugins are installed.
const PLUGINS: [&str; 10] =
    ["antrea", "aws-node", "calico", "canal", "cilium", "cni", "flannel", "kube-ovn", "kube-router", "tigera"];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let clusters: Vec<_> = view.resources_of("AWS::EKS::Cluster").collect();
    let [cluster] = clusters.as_slice() else { return };
    let Some(switch) = cluster.property("BootstrapSelfManagedAddons") else { return };
    let is_off = switch.boolean() == Some(false) || switch.text() == Some("false");
    let has_nodes = view.resources_of("AWS::EKS::Nodegroup").next().is_some();
    let delivers = !view.releases().is_empty() || view.objects_of("apps", "DaemonSet").next().is_some();
    if !is_off || cluster.property("ComputeConfig").is_some() || !has_nodes || !delivers {
        return;
    }
    let is_plugin = |name: &str| PLUGINS.iter().any(|plugin| name.contains(plugin));
    let mut addons = view.resources_of("AWS::EKS::Addon").filter_map(|addon| addon.property("AddonName"));
    // What only deployment knows may be one.
    let by_addon = addons.any(|name| name.text().is_none_or(is_plugin));
    let by_chart = view.releases().iter().any(|it| is_plugin(it.chart) || is_plugin(it.name));
    let by_object = view.objects().iter().any(|object| {
        let is_installer = matches!(
            object.kind,
            "DaemonSet" | "Application" | "ApplicationSet" | "HelmRelease" | "Kustomization" | "Installation"
        );
        is_installer && (object.kind == "Installation" || object.name.is_none_or(is_plugin))
    });
    // A values file, a script or a stack of another kind.
    let by_file = view.paths().any(|path| path.components().any(|part| is_plugin(part.as_str())));
    let by_resource = view
        .templates()
        .iter()
        .flat_map(Template::resources)
        .any(|it| it.kind.contains("Helm") || it.kind.starts_with("Custom::"));
    if by_addon || by_chart || by_object || by_file || by_resource || is_open(view) {
        return;
    }
    report
        .at(&NO_NETWORK, switch, "this cluster gets no VPC CNI, and nothing installs another network")
        .label("nodes stay `NotReady`")
        .help("install the add-on `vpc-cni`, or a chart such as Cilium");
}

/// Whether the tree delivers what it does not hold: a folder of elsewhere, or applications that are made of a list.
fn is_open(view: &View<'_>) -> bool {
    let has_all = view.appliers().all(|applier| applier.path.text().is_some_and(|path| view.has_folder(path)));
    !has_all || view.objects_of("argoproj.io", "ApplicationSet").next().is_some()
}
