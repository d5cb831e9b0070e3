//! Load balancers that serve in the clear.

use std::collections::BTreeMap;

use crate::check::k8s::Object;
use crate::check::{Node, Report, View, rule};

rule! {
    PLAIN_HTTP = Warning "kubernetes/plain-http";
    summary: "a load balancer has a listener for HTTP beside that for HTTPS, and does not redirect";
    explanation: "An Application Load Balancer serves each of its listeners by itself: whoever comes by HTTP gets the whole application in the clear. With `alb.ingress.kubernetes.io/ssl-redirect`, or `sslRedirectPort` of the class' parameters, the listener for HTTP only sends to that for HTTPS; and that one must be there. Judged for ingresses of the AWS Load Balancer Controller whose ports are written out.";
    wrong: "
        --- # class.yaml
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: alb}
        spec: {controller: ingress.k8s.aws/alb}
        --- # ingress.yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: web
          namespace: web
          annotations: {alb.ingress.kubernetes.io/listen-ports: '[{\"HTTP\": 80}, {\"HTTPS\": 443}]'}
        spec: {ingressClassName: alb, rules: [{host: web.example.com}]}
    ";
    right: "
        --- # class.yaml
        apiVersion: networking.k8s.io/v1
        kind: IngressClass
        metadata: {name: alb}
        spec: {controller: ingress.k8s.aws/alb}
        --- # ingress.yaml
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: web
          namespace: web
          annotations: {alb.ingress.kubernetes.io/listen-ports: '[{\"HTTP\": 80}, {\"HTTPS\": 443}]', alb.ingress.kubernetes.io/ssl-redirect: '443'}
        spec: {ingressClassName: alb, rules: [{host: web.example.com}]}
    ";
}

const PORTS: &str = "alb.ingress.kubernetes.io/listen-ports";
const REDIRECT: &str = "alb.ingress.kubernetes.io/ssl-redirect";
const ACTIONS: &str = "alb.ingress.kubernetes.io/actions.";

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for ingress in view.objects_of("networking.k8s.io", "Ingress") {
        let Some(annotations) = ingress.root().at(["metadata", "annotations"]) else { continue };
        let Some(node) = annotations.get(PORTS) else { continue };
        let Some(ports) = node.text().and_then(ports) else { continue };
        // A class of another tool may say more; a group of ingresses shares one load balancer.
        let Some(class) = class(view, ingress) else { continue };
        if annotations.get("alb.ingress.kubernetes.io/group.name").is_some()
            || is_internal(&annotations, class.as_ref())
        {
            continue;
        }
        let acts = annotations.entries().iter().any(|(key, _)| key.starts_with(ACTIONS));
        let redirect = annotations.get(REDIRECT).or(class.and_then(|it| it.at(["spec", "sslRedirectPort"])));
        judge(&node, &ports, redirect.as_ref(), acts, report);
    }
}

fn judge(node: &Node<'_>, ports: &[(String, i64)], redirect: Option<&Node<'_>>, acts: bool, report: &mut Report) {
    let of = |kind: &str| ports.iter().filter(|(own, _)| own == kind).map(|(_, port)| *port).collect::<Vec<_>>();
    let (plain, safe) = (of("HTTP"), of("HTTPS"));
    let wanted = redirect.and_then(|it| it.integer().or_else(|| it.text()?.parse().ok()));
    match (redirect, wanted) {
        (Some(redirect), Some(port)) if !plain.is_empty() && !safe.contains(&port) => {
            report
                .at(&PLAIN_HTTP, node, format!("the redirect leads to port {port}, where nothing listens for HTTPS"))
                .label("no such port for HTTPS among these")
                .also(redirect, "the redirect")
                .help(format!("add `{{\"HTTPS\": {port}}}`"));
        }
        (None, _) if !plain.is_empty() && !safe.is_empty() && !acts => {
            let message = format!("port {} serves in the clear what port {} encrypts", plain[0], safe[0]);
            report
                .at(&PLAIN_HTTP, node, message)
                .label("nothing redirects to HTTPS")
                .help(format!("set `{REDIRECT}: '{}'`, or `sslRedirectPort` for the class", safe[0]));
        }
        _ => {}
    }
}

/// The parameters of an ingress' class, if it has some; none at all where the class is not one of the load balancer controller.
#[expect(clippy::option_option, reason = "the class may be of another tool, and one of this may have no parameters")]
fn class<'a>(view: &View<'a>, ingress: &Object<'a>) -> Option<Option<Node<'a>>> {
    let name = ingress.root().text_at(["spec", "ingressClassName"])?;
    let class = view.objects_of("networking.k8s.io", "IngressClass").find(|it| it.name == Some(name))?;
    let spec = class.root().get("spec")?;
    if spec.text_at(["controller"]) != Some("ingress.k8s.aws/alb") {
        return None;
    }
    let Some(named) = spec.text_at(["parameters", "name"]) else { return Some(None) };
    let parameters = view.objects_of("elbv2.k8s.aws", "IngressClassParams").find(|it| it.name == Some(named))?;
    Some(Some(parameters.root()))
}

fn is_internal(annotations: &Node<'_>, class: Option<&Node<'_>>) -> bool {
    let of_class = class.and_then(|it| it.text_at(["spec", "scheme"]));
    let scheme = of_class.or(annotations.text_at(["alb.ingress.kubernetes.io/scheme"]));
    scheme == Some("internal")
}

/// `[{"HTTP": 80}, {"HTTPS": 443}]`
fn ports(text: &str) -> Option<Vec<(String, i64)>> {
    let all: Vec<BTreeMap<String, i64>> = serde_json::from_str(text).ok()?;
    Some(all.into_iter().flatten().collect())
}
