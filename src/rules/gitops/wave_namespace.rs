//! Namespaces that only a later wave makes.

use super::applied::{Applied, applied};
use super::is_filled_in;
use super::wave::{WAVE, place, wave};
use crate::check::k8s::Object;
use crate::check::{Application, Node, Report, View};

/// Something of an application that needs a namespace.
struct Need<'a> {
    namespace: &'a str,
    node: Node<'a>,
    /// It is what all of the application is installed into, which Argo CD can make.
    is_destination: bool,
}

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    if view.objects_of("", "Namespace").next().is_none() {
        return;
    }
    let applications: Vec<_> = view.applications().filter(Application::is_one).collect();
    let applied = applied(view);
    for application in &applications {
        let Some(own) = wave(application) else { continue };
        let late = needs(application, &applied).into_iter().find_map(|need| {
            let late = late(view, &applications, &applied, application, need.namespace, own)?;
            Some((need, late))
        });
        if let Some((need, (namespace, maker, later))) = late {
            tell(application, &need, own, namespace, maker, later, report);
        }
    }
}

/// The namespaces of charts, and those that objects name.
fn needs<'a>(application: &Application<'_, 'a>, applied: &[Applied<'_, 'a>]) -> Vec<Need<'a>> {
    let has_chart = application.sources().iter().any(|source| source.get("chart").is_some());
    let destination = application.spec.at(["destination", "namespace"]).filter(|_| has_chart);
    let own = applied.iter().filter(|it| std::ptr::eq(it.by.object, application.object));
    let objects = own.flat_map(|it| it.objects.iter().filter(|object| !it.may_alter(object)));
    let named = objects.filter_map(|object| object.root().at(["metadata", "namespace"]));
    let need = |(node, is_destination): (Node<'a>, bool)| {
        let namespace = node.text().filter(|name| !is_filled_in(name))?;
        Some(Need { namespace, node, is_destination })
    };
    let destination = destination.into_iter().map(|node| (node, true));
    destination.chain(named.map(|node| (node, false))).filter_map(need).collect()
}

/// The object that makes a namespace, the application that applies it and its wave, if nothing makes it before.
fn late<'v, 'a>(
    view: &'v View<'a>,
    applications: &'v [Application<'v, 'a>],
    applied: &[Applied<'v, 'a>],
    application: &Application<'_, 'a>,
    name: &str,
    own: i64,
) -> Option<(&'v Object<'a>, &'v Application<'v, 'a>, i64)> {
    let namespace = view.objects_of("", "Namespace").find(|it| it.name == Some(name))?;
    let applies = |it: &Application<'_, 'a>| {
        let folders = applied.iter().filter(|folder| std::ptr::eq(folder.by.object, it.object));
        folders.into_iter().any(|folder| folder.objects.iter().any(|object| std::ptr::eq(*object, namespace)))
    };
    let creates = |it: &Application<'_, 'a>| {
        it.spec.text_at(["destination", "namespace"]) == Some(name) && it.options().contains(&"CreateNamespace=true")
    };
    // An application of another cluster says nothing about this one.
    let is_here = |it: &&Application<'_, 'a>| it.cluster() == application.cluster();
    let makers = applications.iter().filter(is_here).filter(|it| creates(it) || applies(it));
    let makers: Vec<_> = makers.map(|it| Some((it, wave(it)?))).collect::<Option<_>>()?;
    let (maker, later) = makers.into_iter().min_by_key(|(_, wave)| *wave)?;
    (later > own).then_some((namespace, maker, later))
}

fn tell(
    application: &Application<'_, '_>,
    need: &Need<'_>,
    own: i64,
    namespace: &Object<'_>,
    maker: &Application<'_, '_>,
    later: i64,
    report: &mut Report,
) {
    let (name, other) = (application.object.name.unwrap_or_default(), maker.object.name.unwrap_or_default());
    let wanted = need.namespace;
    let message =
        format!("`{name}` needs the namespace `{wanted}` in wave {own}, but `{other}` makes it in wave {later}");
    let create = if need.is_destination { ", or set `CreateNamespace=true`" } else { "" };
    report
        .at(&WAVE, place(application), message)
        .label(format!("wave {own}"))
        .also(&need.node, format!("this is in `{wanted}`"))
        .also(place(maker), format!("wave {later} makes the namespace"))
        .also(namespace.name_node(), "the namespace")
        .help(format!("put `{name}` into a wave after {later}{create}"));
}
