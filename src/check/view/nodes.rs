//! The nodes that a tree makes, and what decides which of them pods may run on: labels, demands and taints.

use super::cloudformation::{Resource, Template};
use super::{Node, View};
use crate::value::Value;

/// Nodes of one kind: a managed node group of EKS, or a pool of Karpenter.
#[derive(Clone, Debug)]
pub struct Nodes<'a> {
    pub name: &'a str,
    pub is_pool: bool,
    /// Labels that the group or pool gives to its nodes.
    labels: Vec<(&'a str, &'a str)>,
    /// What a pool demands of its nodes.
    demands: Vec<Demand<'a>>,
    pub taints: Vec<Taint<'a>>,
    /// The resource, or the object.
    pub node: Node<'a>,
}

#[derive(Clone, Debug)]
pub struct Taint<'a> {
    pub key: &'a str,
    pub value: &'a str,
    pub effect: &'a str,
    pub node: Node<'a>,
}

/// What somebody demands of a node's label: one entry of a node selector, or one expression.
#[derive(Clone, Debug)]
pub struct Demand<'a> {
    pub key: &'a str,
    pub operator: &'a str,
    pub values: Vec<&'a str>,
    pub node: Node<'a>,
}

/// Whether nodes are what is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// A label says no.
    No,
    /// Nothing is demanded, or labels that the tree does not tell.
    Unknown,
    /// A label that the tree tells says yes, and none says no.
    Chosen,
}

/// What the tree tells about a label of nodes.
enum Label<'n> {
    OneOf(Vec<&'n str>),
    Absent,
    Unknown,
}

impl<'a> Demand<'a> {
    /// `{key: …, operator: …, values: […]}`
    pub fn expression(node: Node<'a>) -> Option<Self> {
        let (key, operator, values) = (node.text_at(["key"])?, node.text_at(["operator"])?, node.get("values"));
        let values = values.iter().flat_map(Node::items).filter_map(|value| value.text()).collect();
        Some(Self { key, operator, values, node })
    }

    /// All entries of a map of labels. What is no text takes a chart's default away, or is no label at all.
    pub fn of(labels: Option<&Node<'a>>) -> Vec<Self> {
        let entry = |(key, node): (&'a str, Node<'a>)| {
            let value = node.text().filter(|value| !value.contains("{{"))?;
            Some(Self { key, operator: "In", values: vec![value], node })
        };
        labels.into_iter().flat_map(Node::entries).filter_map(entry).collect()
    }

    /// Whether a label of this value is what is demanded; so it is where nobody can say.
    pub fn allows(&self, value: &str) -> bool {
        let limit = self.values.first().and_then(|limit| limit.parse::<i64>().ok());
        let compare = |holds: fn(&i64, &i64) -> bool| match (value.parse::<i64>(), limit) {
            (Ok(value), Some(limit)) => holds(&value, &limit),
            _ => true,
        };
        match self.operator {
            "In" => self.values.is_empty() || self.values.contains(&value),
            "NotIn" => !self.values.contains(&value),
            "DoesNotExist" => false,
            "Gt" => compare(i64::gt),
            "Lt" => compare(i64::lt),
            "Gte" => compare(i64::ge),
            "Lte" => compare(i64::le),
            _ => true,
        }
    }
}

/// The keys of a pod's spec, and of Helm values, that demand something of nodes.
pub const DEMANDING: [&str; 2] = ["nodeSelector", "affinity"];

/// What pods demand of their nodes: each of several ways will do. `pod` is a pod's spec, or a map of Helm values.
pub fn ways<'a>(pod: &Node<'a>) -> Vec<Vec<Demand<'a>>> {
    let selector = Demand::of(pod.get("nodeSelector").as_ref());
    let required = "requiredDuringSchedulingIgnoredDuringExecution";
    let terms = pod.at(["affinity", "nodeAffinity", required, "nodeSelectorTerms"]);
    let terms = terms.map(|terms| terms.items()).unwrap_or_default();
    if terms.is_empty() {
        return vec![selector];
    }
    let way = |term: &Node<'a>| {
        let expressions = term.list(["matchExpressions"]).into_iter().filter_map(Demand::expression);
        selector.iter().cloned().chain(expressions).collect()
    };
    terms.iter().map(way).collect()
}

impl<'a> Nodes<'a> {
    /// Whether these nodes are what is demanded.
    pub fn fit(&self, demands: &[Demand<'a>]) -> Fit {
        let fits = demands.iter().map(|demand| self.fit_one(demand));
        fits.fold(Fit::Unknown, |all, one| match (all, one) {
            (Fit::No, _) | (_, Fit::No) => Fit::No,
            (Fit::Chosen, _) | (_, Fit::Chosen) => Fit::Chosen,
            (Fit::Unknown, Fit::Unknown) => Fit::Unknown,
        })
    }

    /// Whether pods may run here in one of the ways that they ask for.
    pub fn fit_any(&self, ways: &[Vec<Demand<'a>>]) -> Fit {
        ways.iter().map(|way| self.fit(way)).max().unwrap_or(Fit::Unknown)
    }

    /// Whether the tree itself says what this label is for these nodes.
    pub fn sets(&self, key: &str) -> bool {
        self.labels.iter().any(|(own, _)| *own == key) || self.demands.iter().any(|demand| demand.key == key)
    }

    /// The labels that these nodes are given by their group or pool.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> {
        self.labels.iter().map(|(key, _)| *key).chain(self.demands.iter().map(|demand| demand.key))
    }

    /// What a pool demands of its nodes.
    pub fn demands(&self) -> &[Demand<'a>] {
        &self.demands
    }

    /// The values that a label has on these nodes, as far as the tree says.
    pub fn values(&self, key: &str) -> Vec<&'a str> {
        match self.label(key) {
            Label::OneOf(values) => values,
            Label::Absent | Label::Unknown => Vec::new(),
        }
    }

    /// Where a label gets its value.
    pub fn place_of(&self, key: &str) -> Node<'a> {
        let demand = self.demands.iter().find(|demand| demand.key == key);
        let paths: [&[&str]; 2] = [&["Properties", "Labels"], &["spec", "template", "metadata", "labels"]];
        let labels = paths.iter().filter_map(|path| path.iter().try_fold(self.node, |node, key| node.get(key)));
        let label = labels.into_iter().find_map(|labels| labels.get(key));
        let ami = self.node.at(["Properties", "AmiType"]).filter(|_| key == ARCHITECTURE);
        let label = label.or(ami);
        label.or(demand.map(|demand| demand.node)).unwrap_or(self.node)
    }

    fn fit_one(&self, demand: &Demand<'a>) -> Fit {
        let is_named = matches!(demand.key, NODE_GROUP | NODE_POOL);
        let yes = if is_given(demand.key) && !is_named { Fit::Unknown } else { Fit::Chosen };
        let is_wanted = |value: &&str| demand.values.contains(value);
        match (self.label(demand.key), demand.operator) {
            (Label::OneOf(values), "In") if values.iter().any(is_wanted) => yes,
            (Label::OneOf(values), "NotIn") if !values.iter().all(is_wanted) => Fit::Unknown,
            (Label::OneOf(_), "Exists") => yes,
            (Label::OneOf(_), "In" | "NotIn" | "DoesNotExist")
            | (Label::Absent, "In" | "Exists" | "Gt" | "Lt" | "Gte" | "Lte") => Fit::No,
            _ => Fit::Unknown,
        }
    }

    fn label(&self, key: &str) -> Label<'a> {
        if key == NODE_GROUP && !self.is_pool && !self.sets(key) {
            // CloudFormation makes up a name.
            return Label::Unknown;
        }
        if let Some((_, value)) = self.labels.iter().find(|(own, _)| *own == key) {
            return Label::OneOf(vec![value]);
        }
        let mut own = self.demands.iter().filter(|demand| demand.key == key).peekable();
        if own.peek().is_some() {
            return own
                .find(|demand| demand.operator == "In")
                .map_or(Label::Unknown, |it| Label::OneOf(it.values.clone()));
        }
        if is_given(key) && !matches!(key, NODE_GROUP | NODE_POOL) { Label::Unknown } else { Label::Absent }
    }
}

/// The labels that name a node's group, or pool.
const NODE_GROUP: &str = "eks.amazonaws.com/nodegroup";
const NODE_POOL: &str = "karpenter.sh/nodepool";
const ARCHITECTURE: &str = "kubernetes.io/arch";

/// Labels that nodes get from Kubernetes, AWS or Karpenter: what they are is not for the tree to say.
pub fn is_given(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    let ends = ["kubernetes.io", "k8s.io", "amazonaws.com", "k8s.aws", "csi.aws.com", "karpenter.sh"];
    ends.iter().any(|end| domain.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')))
}

impl<'a> View<'a> {
    /// The nodes that node groups and Karpenter's pools of this tree make. None if labels or taints of some are known only
    /// at deployment, or to the machines themselves.
    pub fn nodes(&self) -> Option<&[Nodes<'a>]> {
        self.nodes.get_or_init(|| self.find_nodes()).as_deref()
    }

    fn find_nodes(&self) -> Option<Vec<Nodes<'a>>> {
        if self.templates().iter().flat_map(Template::resources).any(labels_itself) {
            return None;
        }
        let groups = self.templates().iter().flat_map(|template| template.resources_of("AWS::EKS::Nodegroup"));
        let mut nodes = groups.map(group).collect::<Option<Vec<_>>>()?;
        nodes.extend(self.objects_of("karpenter.sh", "NodePool").filter_map(|object| {
            let template = object.root().at(["spec", "template"])?;
            let taints = template.list(["spec", "taints"]);
            let demands = template.list(["spec", "requirements"]);
            let mut labels = template.at(["metadata", "labels"]).as_ref().map(texts).unwrap_or_default();
            labels.push((NODE_POOL, object.name?));
            Some(Nodes {
                name: object.name?,
                is_pool: true,
                labels,
                demands: demands.into_iter().filter_map(Demand::expression).collect(),
                taints: taints.into_iter().filter_map(|node| taint(node, ["key", "value", "effect"])).collect(),
                node: object.root(),
            })
        }));
        Some(nodes)
    }
}

/// Whether machines may join the cluster with labels of their own: those of a group that EKS does not manage, and those
/// whose launch template gives the kubelet some.
fn labels_itself(resource: &Resource<'_>) -> bool {
    let mut labels = resource.kind == "AWS::AutoScaling::AutoScalingGroup";
    if let Some(data) = resource.node.at(["Properties", "LaunchTemplateData", "UserData"]) {
        data.walk(&mut |node| labels |= node.text().is_some_and(|text| text.contains("label")));
    }
    labels
}

/// A node group; none if its labels or taints are known only at deployment.
fn group<'a>(group: &Resource<'a>) -> Option<Nodes<'a>> {
    let labels = group.property("Labels");
    let is_known = |labels: &Node<'_>| labels.entries().iter().all(|(_, value)| value.text().is_some());
    if labels.as_ref().is_some_and(|labels| !is_known(labels)) {
        return None;
    }
    let taints = match group.property("Taints") {
        Some(taints) if matches!(taints.value, Value::List(_)) => taints.items(),
        Some(_) => return None,
        None => Vec::new(),
    };
    let taints: Option<Vec<_>> = taints.into_iter().map(|node| taint(node, ["Key", "Value", "Effect"])).collect();
    let mut labels = labels.as_ref().map(texts).unwrap_or_default();
    let name = group.property("NodegroupName").and_then(|name| name.text());
    labels.extend(name.map(|name| (NODE_GROUP, name)));
    labels.extend(group.property("AmiType").and_then(|kind| kind.text()).and_then(architecture));
    let name = group.id;
    Some(Nodes { name, is_pool: false, labels, demands: Vec::new(), taints: taints?, node: group.node })
}

/// `BOTTLEROCKET_ARM_64`, `AL2023_x86_64_STANDARD`, `AL2_x86_64_GPU`.
fn architecture(ami_type: &str) -> Option<(&'static str, &'static str)> {
    if ami_type.contains("ARM_64") {
        return Some((ARCHITECTURE, "arm64"));
    }
    ami_type.contains("x86_64").then_some((ARCHITECTURE, "amd64"))
}

fn texts<'a>(labels: &Node<'a>) -> Vec<(&'a str, &'a str)> {
    labels.entries().into_iter().filter_map(|(key, value)| Some((key, value.text()?))).collect()
}

fn taint<'a>(node: Node<'a>, [key, value, effect]: [&str; 3]) -> Option<Taint<'a>> {
    let effect = match node.text_at([effect])? {
        "NO_SCHEDULE" => "NoSchedule",
        "NO_EXECUTE" => "NoExecute",
        "PREFER_NO_SCHEDULE" => "PreferNoSchedule",
        effect => effect,
    };
    Some(Taint { key: node.text_at([key])?, value: node.text_at([value]).unwrap_or_default(), effect, node })
}
