//! What makes load balancers: Services and Ingresses by which one goes, or another one is made.

use super::super::differs::Difference;
use super::Changed;
use crate::check::k8s::Object;
use crate::check::{Change, Consequence, Report, View};

/// Annotations by which AWS' controller makes another load balancer when they change.
/// <https://kubernetes-sigs.github.io/aws-load-balancer-controller/latest/guide/ingress/annotations/>
const ANNOTATIONS: [&str; 7] = [
    "alb.ingress.kubernetes.io/group.name",
    "alb.ingress.kubernetes.io/load-balancer-name",
    "alb.ingress.kubernetes.io/scheme",
    "service.beta.kubernetes.io/aws-load-balancer-internal",
    "service.beta.kubernetes.io/aws-load-balancer-name",
    "service.beta.kubernetes.io/aws-load-balancer-scheme",
    "service.beta.kubernetes.io/aws-load-balancer-type",
];

/// The annotation that was there before the field.
const CLASS: &str = "kubernetes.io/ingress.class";

/// Says what becomes of the load balancer of an object; whether something does.
pub(super) fn changed(change: &Change<'_>, it: &Changed<'_, '_>, report: &mut Report) -> bool {
    let what = it.name();
    let with_key = |keys: &[&str]| -> Option<Difference<'_>> {
        it.differences
            .iter()
            .find(|at| at.node().and_then(|it| it.key()).is_some_and(|key| keys.contains(&key)))
            .copied()
    };
    match (it.new.group, it.new.kind) {
        ("", "Service") => {
            let (was, now) = (class_of_service(it.old), class_of_service(it.new));
            if was.is_some() && now.is_none() {
                let at = it.below("spec.type").copied().or(it.differences.first().copied());
                let Some(at) = at else { return false };
                let message =
                    format!("the load balancer of {what} is deleted, and its address with it: its `type` changes");
                it.tell(change, Consequence::Destroys, &at, message, report);
                return true;
            }
            if let Some(at) = it.below("spec.selector").copied()
                && finds_none(change, it)
            {
                let message = format!(
                    "{what} finds none of the pods that run now: its `selector` asks for labels that they do not have"
                );
                it.tell(change, Consequence::Blocks, &at, message, report)
                    .help("let the pods have the labels first, and ask for them once all were made anew");
                return true;
            }
            if let (Some(None), Some(Some(_)), Some(at)) = (was, now, it.below("spec.loadBalancerClass")) {
                let message = format!(
                    "{what} gets a class for its load balancer: the API server refuses that unless a controller has set the \
                     same one"
                );
                it.tell(change, Consequence::Unknown, at, message, report);
                return true;
            }
        }
        ("networking.k8s.io" | "extensions", "Ingress") => {
            let (was, now) = (class_of_ingress(it.old), class_of_ingress(it.new));
            let at = with_key(&["ingressClassName", CLASS]);
            if let (true, Some(at)) = (was != now, at) {
                let (consequence, message) = match (was, now) {
                    (Some(was), Some(now)) if is_albs(change.old(), was) && !is_albs(change.new_tree(), now) => (
                        Consequence::Destroys,
                        format!(
                            "the load balancer of {what} is deleted, and its address with it: it goes from the class \
                             `{was}` to `{now}`"
                        ),
                    ),
                    (Some(was), Some(now)) => (
                        Consequence::Replaces,
                        format!(
                            "{what} goes from the class `{was}` to `{now}`: what the first made for it goes, and its address \
                             with it"
                        ),
                    ),
                    _ => (
                        Consequence::Unknown,
                        format!("{what} may have another class, and another address: the default one is not known"),
                    ),
                };
                it.tell(change, consequence, &at, message, report);
                return true;
            }
        }
        ("elbv2.k8s.aws", "IngressClassParams") => {
            let (consequence, at, how) = match with_key(&["scheme", "group", "loadBalancerName"]) {
                Some(at) => (Consequence::Replaces, Some(at), "replaced, and their addresses with them"),
                None => (Consequence::InPlace, it.below("spec").copied(), "updated"),
            };
            let Some(at) = at else { return false };
            let key = at.node().and_then(|it| it.key()).unwrap_or("spec");
            let message = format!("the load balancers of {what} are {how}: its `{key}` changes");
            it.tell(change, consequence, &at, message, report);
            return true;
        }
        _ => {}
    }
    let Some(at) = with_key(&ANNOTATIONS) else { return false };
    let key = at.node().and_then(|it| it.key()).unwrap_or_default();
    let message = format!("the load balancer of {what} is replaced, and its address with it: its `{key}` changes");
    it.tell(change, Consequence::Replaces, &at, message, report);
    true
}

/// Whether a Service asks for labels that no pod of the tree before has, of which it found some.
fn finds_none(change: &Change<'_>, it: &Changed<'_, '_>) -> bool {
    let selector = |of: &Object<'_>| -> Vec<(String, String)> {
        let entries = of.root().at(["spec", "selector"]).map(|it| it.entries()).unwrap_or_default();
        entries.into_iter().filter_map(|(key, it)| Some((key.to_owned(), it.text()?.to_owned()))).collect()
    };
    let finds = |wanted: &[(String, String)]| {
        let has_all = |object: &&Object<'_>| {
            let labels = object.pod_labels();
            let has = |(key, value): &(String, String)| {
                labels.as_ref().and_then(|it| it.get(key)).and_then(|it| it.text()) == Some(value)
            };
            labels.is_some() && wanted.iter().all(has)
        };
        change
            .old()
            .objects()
            .iter()
            .filter(|object| change.old().are_near(object, it.old))
            .any(|object| has_all(&object))
    };
    let (was, now) = (selector(it.old), selector(it.new));
    !now.is_empty() && finds(&was) && !finds(&now)
}

/// Whether AWS' controller makes load balancers of a class: it says so, or has the name that the controller's chart gives it.
fn is_albs(view: &View<'_>, class: &str) -> bool {
    let own = view.objects_of("networking.k8s.io", "IngressClass").find(|it| it.name == Some(class));
    match own.and_then(|it| it.root().along("spec.controller")?.text()) {
        Some(controller) => controller == "ingress.k8s.aws/alb",
        None => class == "alb",
    }
}

/// The class of a Service's load balancer, if it has one and if it says so.
#[expect(clippy::option_option, reason = "the service may have no load balancer, and that no class")]
fn class_of_service<'a>(object: &Object<'a>) -> Option<Option<&'a str>> {
    let root = object.root();
    (root.text_at(["spec", "type"]) == Some("LoadBalancer")).then(|| root.text_at(["spec", "loadBalancerClass"]))
}

fn class_of_ingress<'a>(object: &Object<'a>) -> Option<&'a str> {
    let root = object.root();
    let annotation = root.at(["metadata", "annotations"]).and_then(|it| it.get(CLASS)?.text());
    root.text_at(["spec", "ingressClassName"]).or(annotation)
}
