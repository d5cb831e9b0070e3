//! Addresses of services within a cluster, `NAME.NAMESPACE.svc:PORT`, wherever a text has one.

use std::collections::BTreeSet;

use crate::check::k8s::Object;
use crate::check::{Node, Release, Report, Signs, View, rule};
use crate::rules::near::{near_of, only_near};

rule! {
    SERVICE_URL = Error "link/service-url";
    summary: "a text has the address of a service, a port of it or a namespace that is not there";
    explanation: "`http://api.shop.svc:8080` in a value, a variable or a ConfigMap is found by DNS when it is first asked for, and nobody compares it with the Service before. Its namespace is told if there is none of this name and exactly one of nearly the same; the service, if the namespace holds nothing but what stands in the tree, or has exactly one of nearly the same name; the port, if the Service stands in the tree and has no such port. Of headless services and of those that stand for names elsewhere ports are not judged. What charts make is not known: there a name is a warning that is nearly that of a release. Name what other tools make under `services` and `namespaces` of `outside`.";
    wrong: "
        --- # service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: api, namespace: shop}
        spec: {selector: {app: api}, ports: [{name: http, port: 80, targetPort: 8080}]}
        --- # settings.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: web, namespace: shop}
        data: {API_URL: 'http://api.shop.svc.cluster.local:8080/v1'}
    ";
    right: "
        --- # service.yaml
        apiVersion: v1
        kind: Service
        metadata: {name: api, namespace: shop}
        spec: {selector: {app: api}, ports: [{name: http, port: 80, targetPort: 8080}]}
        --- # settings.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: web, namespace: shop}
        data: {API_URL: 'http://api.shop.svc.cluster.local:80/v1'}
    ";
}

/// An address in a text: slices of it.
struct Address<'t> {
    service: &'t str,
    namespace: &'t str,
    port: Option<&'t str>,
}

/// What is known of namespaces and of what is in them.
struct Ground<'v, 'a> {
    view: &'v View<'a>,
    namespaces: BTreeSet<&'a str>,
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let mut ground = None;
    for document in view.meant() {
        for (node, text) in document.root().texts_with(Signs::of(b".")) {
            for address in addresses(text) {
                let ground = ground.get_or_insert_with(|| Ground::of(view));
                ground.judge(&node, text, &address, report);
            }
        }
    }
}

impl<'v, 'a> Ground<'v, 'a> {
    fn of(view: &'v View<'a>) -> Self {
        let made = view.objects_of("", "Namespace").filter_map(|namespace| namespace.name);
        let used = view.objects().iter().filter_map(|object| object.namespace);
        let installed = view.releases().iter().filter_map(|release| release.namespace);
        let mut namespaces: BTreeSet<&str> = made.chain(used).chain(installed).collect();
        namespaces.extend(["default", "kube-system", "kube-public", "kube-node-lease"]);
        Self { view, namespaces }
    }

    fn judge(&self, node: &Node<'a>, text: &str, address: &Address<'_>, report: &mut Report) {
        let Address { service, namespace, port } = *address;
        let view = self.view;
        // The API server's own, and those that the operator of Prometheus makes.
        if (service, namespace) == ("kubernetes", "default") || service.ends_with("-operated") {
            return;
        }
        if view.is_outside("services", Some(namespace), service) || view.is_outside("namespaces", None, namespace) {
            return;
        }
        if !self.namespaces.contains(namespace) {
            let declared = || view.outside("namespaces").map(|(name, _)| name);
            let near = near_of(namespace, || self.namespaces.iter().copied(), declared);
            let known: Vec<_> =
                [near.own, near.foreign].into_iter().flatten().map(|near| format!("`{near}`")).collect();
            if !known.is_empty() {
                let draft = report.at(&SERVICE_URL, node, format!("there is no namespace `{namespace}`"));
                draft
                    .about(text, namespace)
                    .label("this name is never found")
                    .help(format!("name {}", known.join(" or ")));
            }
            return;
        }
        let here = || view.objects_of("", "Service").filter(|it| it.namespace == Some(namespace));
        if here().any(|it| view.is_transformed(it)) {
            return;
        }
        let found: Vec<_> = here().filter(|it| it.name == Some(service)).collect();
        match (found.first(), port) {
            (None, _) => self.missing(node, text, address, report),
            (Some(first), Some(port)) if !found.iter().any(|it| may_have(it, port)) => {
                let message = format!("the service `{service}` has no port `{port}`");
                let draft = report.at(&SERVICE_URL, node, message).about(text, port).label("nothing answers here");
                let ports: Vec<String> = ports(first).iter().map(|port| format!("`{port}`")).collect();
                draft.also(first.name_node(), "this service").help(format!("it has {}", ports.join(", ")));
            }
            (Some(_), _) => {}
        }
    }

    /// Judges a service that is not among the objects of the tree.
    fn missing(&self, node: &Node<'a>, text: &str, address: &Address<'_>, report: &mut Report) {
        let Address { service, namespace, .. } = *address;
        let view = self.view;
        let here = || view.objects_of("", "Service").filter(|it| it.namespace == Some(namespace));
        let is_whole = here().next().is_some() && view.holds_all_of(Some(namespace));
        let near = only_near(service, here().filter_map(|it| it.name));
        let made = here().find(|it| near.is_some() && it.name == near);
        if is_whole || made.is_some() {
            let draft = report.at(&SERVICE_URL, node, format!("there is no service `{service}` in `{namespace}`"));
            draft.about(text, service).label("this name is never found");
            if let Some(made) = made {
                draft.also(made.name_node(), "this one is there").help(format!("name `{}`", near.unwrap_or_default()));
            } else {
                let all: Vec<_> = here().filter_map(|it| it.name).collect();
                draft.help(format!("there is `{}`", all.join("`, `")));
            }
            return;
        }
        let releases: Vec<_> = view.releases().iter().filter(|it| it.namespace == Some(namespace)).collect();
        if releases.iter().any(|release| release.name == service && other_port(release, node, text, address, report)) {
            return;
        }
        let names = || releases.iter().map(|release| release.name).filter(|name| !name.is_empty());
        if names().any(|name| service.starts_with(name)) || releases.iter().any(|release| says(release, service)) {
            return;
        }
        if let Some(near) = only_near(service, names()) {
            let message = format!("nothing in `{namespace}` is called `{service}`");
            let draft = report.at(&SERVICE_URL, node, message).warning();
            draft.about(text, service).label("this name is probably never found");
            draft.help(format!("the release is `{near}`; charts call their services after it"));
        }
    }
}

/// Whether a release is told to serve at another port, of which it is said: charts call a service after their release, and its
/// port `service.port`.
fn other_port(release: &Release<'_>, node: &Node<'_>, text: &str, address: &Address<'_>, report: &mut Report) -> bool {
    let set = release.values.iter().rev().find_map(|values| values.at(["service", "port"]));
    let own = set.and_then(|set| Some((set, set.integer()?.to_string())));
    let (Some((set, own)), Some(port)) = (own, address.port) else { return false };
    // More ports may stand beside it.
    let is_only = release.values.iter().all(|values| {
        let all = values.get("service").map(|it| it.entries()).unwrap_or_default();
        all.iter().filter(|(key, _)| key.to_ascii_lowercase().contains("port")).count() <= 1
    });
    if own == port || !is_only {
        return false;
    }
    let draft = report.at(&SERVICE_URL, node, format!("the service of `{}` has no port `{port}`", release.name));
    draft.about(text, port).label("nothing answers here").also(&set, format!("it serves at port {own}"));
    draft.help(format!("write `{own}` in both places"));
    true
}

/// Whether a release's values have a text: a chart may be told what to call its services.
fn says(release: &Release<'_>, name: &str) -> bool {
    release.values.iter().any(|values| values.texts().any(|(_, text, _)| text == name))
}

/// Whether a service has a port, or may have it: a headless one has those of its pods.
fn may_have(service: &Object<'_>, port: &str) -> bool {
    let spec = service.root().get("spec");
    let Some(spec) = spec else { return true };
    let is_open = spec.text_at(["clusterIP"]) == Some("None") || spec.text_at(["type"]) == Some("ExternalName");
    let ports = ports(service);
    is_open || ports.is_empty() || ports.iter().any(|own| own == port)
}

fn ports(service: &Object<'_>) -> Vec<String> {
    let ports = service.root().list(["spec", "ports"]);
    ports.iter().filter_map(|port| port.get("port")?.integer()).map(|port| port.to_string()).collect()
}

/// The addresses in a text. What another tool fills in is no name.
fn addresses(text: &str) -> Vec<Address<'_>> {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    let bytes = text.as_bytes();
    let one = |(at, mark): (usize, &str)| {
        let rest = text.get(at + mark.len()..)?;
        let begin = bytes[..at].iter().rposition(|byte| !is_name(*byte)).map_or(0, |before| before + 1);
        let before = begin.checked_sub(1).and_then(|before| bytes.get(before));
        let is_filled = before
            .is_some_and(|byte| !matches!(byte, b'/' | b'@' | b'"' | b'\'' | b' ' | b'=' | b',' | b'\n' | b'[' | b'('));
        let (front, namespace) = text.get(begin..at)?.rsplit_once('.')?;
        let service = front.rsplit('.').next()?;
        let rest = rest.strip_prefix(".cluster.local").unwrap_or(rest);
        let ends = !rest.starts_with(|letter: char| {
            letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.' | '{' | '$' | '%' | '_')
        });
        // `http://api.shop.svc:8080`
        let digits =
            rest.strip_prefix(':').map(|rest| rest.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or(""));
        let port = digits.filter(|digits| !digits.is_empty());
        let is_known = !is_filled && ends && !service.is_empty() && !namespace.is_empty();
        is_known.then_some(Address { service, namespace, port })
    };
    text.match_indices(".svc").filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::addresses;

    fn found(text: &str) -> Vec<(&str, &str, Option<&str>)> {
        addresses(text).iter().map(|it| (it.service, it.namespace, it.port)).collect()
    }

    #[test]
    fn addresses_are_found_in_texts() {
        assert_eq!(found("http://api.shop.svc:8080/v1"), [("api", "shop", Some("8080"))]);
        assert_eq!(found("api.shop.svc"), [("api", "shop", None)]);
        assert_eq!(found("db-0.db.shop.svc.cluster.local:5432"), [("db", "shop", Some("5432"))]);
        assert_eq!(found("a.x.svc:1,b.y.svc.cluster.local:2"), [("a", "x", Some("1")), ("b", "y", Some("2"))]);
        assert_eq!(found("user:secret@db.shop.svc/app"), [("db", "shop", None)]);
    }

    #[test]
    fn what_is_filled_in_is_none() {
        for text in [
            "${NAME}.shop.svc",
            "{{ name }}.shop.svc:80",
            "*.shop.svc",
            "api.shop.svc.{{ domain }}",
            "shop.svc",
            "api.shop.svcs",
            "api.svc",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
