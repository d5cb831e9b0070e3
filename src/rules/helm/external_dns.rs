//! What `ExternalDNS` may write, and whose records it takes for its own.

use crate::check::{ChartValues, Node, Report, View, rule};

rule! {
    EXTERNAL_DNS = Error "helm/external-dns";
    summary: "ExternalDNS deletes records of others, or cannot write its own";
    explanation: "With the registry `noop` nobody notes whose a record is, and with the policy `sync` all records of the zone are deleted that no object of the cluster asks for. With the registry `txt` the owner stands in a record beside it, whose name begins with `txtPrefix`: without a point at its end the one of a domain itself is outside of its zone, `owner-example.com`, and is refused. Hosts that no domain filter lets in get no record, without a word (kubernetes-sigs.github.io/external-dns, \"Registries\" and \"FAQ\").";
    wrong: "
        --- # external-dns/values.yaml
        policy: sync
        registry: noop
    ";
    right: "
        --- # external-dns/values.yaml
        policy: sync
        registry: txt
        txtOwnerId: prod
    ";
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    let all = view.values_of_chart("external-dns");
    // Several share the hosts between them.
    let [values] = &all[..] else { return };
    if let (Some(registry), Some(policy)) = (values.get("registry"), values.get("policy"))
        && registry.text() == Some("noop")
        && policy.text() == Some("sync")
    {
        report
            .at(
                &EXTERNAL_DNS,
                registry,
                "all records are deleted that this cluster does not ask for, whoever made them",
            )
            .label("nobody notes whose a record is")
            .also(policy, "what nobody asks for is deleted")
            .help("write `registry: txt` with a `txtOwnerId`, or `policy: upsert-only`");
    }
    let filters: Vec<Node<'_>> = values.get("domainFilters").map(|it| it.items()).unwrap_or_default();
    let hosts = hosts(view);
    if filters.is_empty() || hosts.is_empty() {
        return;
    }
    let is_in = |host: &str, filter: &Node<'_>| {
        let domain = filter.text().unwrap_or_default().trim_start_matches('.');
        host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
    };
    if let (Some(filter), Some((node, host))) = (filters.first(), hosts.first())
        && !hosts.iter().any(|(_, host)| filters.iter().any(|filter| is_in(host, filter)))
    {
        report
            .at(&EXTERNAL_DNS, filter, "no host of this tree is in the domains that ExternalDNS may write")
            .warning()
            .label("it looks at nothing else")
            .also(node, format!("`{host}` gets no record"))
            .help("name the domain of the hosts");
    }
    prefix(values, &filters, &hosts, report);
}

/// A prefix that leads the record of a domain itself out of its zone.
fn prefix(values: &ChartValues<'_>, filters: &[Node<'_>], hosts: &[(Node<'_>, &str)], report: &mut Report) {
    let is_txt = values.get("registry").is_none_or(|it| it.text() == Some("txt"));
    let Some(node) = values.get("txtPrefix").filter(|_| is_txt) else { return };
    let Some(text) = node.text().filter(|text| !text.is_empty() && !text.ends_with('.') && !text.contains("{{")) else {
        return;
    };
    let is_apex = |(_, host): &&(Node<'_>, &str)| filters.iter().any(|filter| filter.text() == Some(*host));
    let Some((place, host)) = hosts.iter().find(is_apex) else { return };
    report
        .at(&EXTERNAL_DNS, node, "the record of who owns a domain itself would be outside of its zone")
        .warning()
        .label("it stands right before the domain")
        .also(place, format!("for this one it is `{text}{host}`"))
        .help(format!("end the prefix in a point: `{}.`", text.trim_end_matches('-')));
}

/// The hosts that ingresses of the tree serve, without an asterisk.
fn hosts<'a>(view: &View<'a>) -> Vec<(Node<'a>, &'a str)> {
    let ingresses = view.objects_of("networking.k8s.io", "Ingress");
    let rules = ingresses.flat_map(|it| it.root().list(["spec", "rules"]));
    let hosts = rules.filter_map(|rule| rule.get("host"));
    hosts.filter_map(|node| Some((node, node.text()?.trim_start_matches("*.")))).collect()
}
