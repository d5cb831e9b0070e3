//! Where each object's template lies: below its component, where that has several objects.

use std::collections::{BTreeMap, BTreeSet};

use crate::adopt::name::Place;
use crate::adopt::object::Identity;
use crate::adopt::pair::{Family, without_hash};

/// Where an object stands among those of an application.
#[derive(Clone, Debug)]
pub(in crate::adopt) struct Seat {
    pub(in crate::adopt) place: Place,
    /// Below the application's folder, as the file that is made of it is called.
    pub(in crate::adopt) path: String,
}

/// In the order of the families.
pub(in crate::adopt) fn seats(app: &str, families: &[Family<'_>]) -> Vec<Seat> {
    let ids: Vec<Option<&Identity>> = families.iter().map(Family::first).collect();
    let mut components: Vec<String> =
        families.iter().zip(&ids).map(|(family, id)| component(app, &family.name, *id)).collect();
    // What has one component is it.
    let named: BTreeSet<&String> = components.iter().filter(|name| !name.is_empty()).collect();
    if named.len() == 1 && !ids.iter().flatten().any(|id| id.is_file()) && is_one_each(&components, &ids) {
        components.iter_mut().for_each(String::clear);
    }
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for name in &components {
        *sizes.entry(name).or_default() += 1;
    }
    let mut taken = BTreeSet::new();
    let mut seats = Vec::new();
    for ((family, id), component) in families.iter().zip(&ids).zip(&components) {
        let Some(id) = id else { continue };
        let kind = id.kind.to_ascii_lowercase();
        let path = if id.is_file() {
            family.name.split('#').next().unwrap_or_default().to_owned()
        } else if component.is_empty() {
            format!("{kind}.yaml")
        } else if sizes[component.as_str()] > 1 {
            format!("{component}/{kind}.yaml")
        } else {
            format!("{kind}-{component}.yaml")
        };
        let path = free(&path, id, &mut taken);
        let place = Place { kind: id.kind.clone(), component: component.clone(), name: family.name.clone() };
        seats.push(Seat { place, path });
    }
    seats
}

/// What an object belongs to, by its name without that of the application; nothing if it is the application's own.
fn component(app: &str, name: &str, id: Option<&Identity>) -> String {
    if id.is_none_or(Identity::is_file) {
        let stem = name.rsplit('/').next().unwrap_or(name);
        let stem = stem.split('.').next().unwrap_or(stem);
        return if stem == app || stem == "all" { String::new() } else { plain(stem) };
    }
    // Its namespace is a part of the application, whatever it is called.
    if id.is_some_and(|id| &*id.kind == "Namespace") {
        return String::new();
    }
    let rest = match name.strip_prefix(app) {
        Some("") => "",
        Some(rest) if rest.starts_with(['-', '.', ':']) => &rest[1..],
        _ => name,
    };
    plain(without_kind(&without_hash(rest), id.map_or("", |id| &id.kind)))
}

/// Whether no two objects of a kind would be told apart by their component only.
fn is_one_each(components: &[String], ids: &[Option<&Identity>]) -> bool {
    let own = components.iter().zip(ids).filter(|(name, _)| name.is_empty());
    let kinds: BTreeSet<&str> = own.filter_map(|(_, id)| id.map(|id| &*id.kind)).collect();
    let others = components.iter().zip(ids).filter(|(name, _)| !name.is_empty());
    others.filter_map(|(_, id)| *id).all(|id| !kinds.contains(&*id.kind))
}

/// A name without its kind behind it.
fn without_kind<'n>(name: &'n str, kind: &str) -> &'n str {
    let short = match kind {
        "Deployment" => "deploy",
        "Service" => "svc",
        "ConfigMap" => "cm",
        "ServiceAccount" => "sa",
        _ => kind,
    };
    let Some((rest, end)) = name.rsplit_once('-') else { return name };
    if end.eq_ignore_ascii_case(kind) || end.eq_ignore_ascii_case(short) { rest } else { name }
}

/// A name that can be that of a file.
fn plain(name: &str) -> String {
    let one = |char: char| if char.is_ascii_alphanumeric() || char == '.' { char } else { '-' };
    let name: String = name.chars().map(one).collect();
    name.trim_matches(['-', '.']).to_ascii_lowercase()
}

/// A path that no other object has.
fn free(path: &str, id: &Identity, taken: &mut BTreeSet<String>) -> String {
    if taken.insert(path.to_owned()) {
        return path.to_owned();
    }
    let (stem, ending) = path.rsplit_once('.').unwrap_or((path, "yaml"));
    let more = [&id.namespace, &id.group].map(|part| plain(part)).into_iter().filter(|part| !part.is_empty());
    let named = more.map(|part| format!("{stem}-{part}.{ending}"));
    let numbered = (2_u32..).map(|number| format!("{stem}-{number}.{ending}"));
    let found = named.chain(numbered).find(|path| taken.insert(path.clone()));
    found.unwrap_or_else(|| path.to_owned())
}
