//! [`Draft`]: plans with their names, from which the files of an application are written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::name::{Names, camel, is_identifier};
use super::pair::Family;
use super::plan::{Hole, Plan, Role};
use super::shared::Below;
use super::unify::Unifier;
use super::write::hand;
use super::write::layer::{Layers, goes_below};
use super::write::layout::{Seat, seats};
use super::write::link::{self, Linked};
use super::write::schema::{self, Setting};
use super::write::template::Writer;
use super::write::texts;
use super::{Refused, Request};
use crate::finding::Findings;
use crate::project::Entry;
use crate::value::Value;
use crate::yaml::{emit, read};

/// An object with all that differs of it.
struct Part {
    plan: Plan,
    /// Whether it is there, where not all environments have it.
    flag: Option<Hole>,
    said: String,
}

/// All of an application.
pub(super) struct Draft {
    /// The key of its settings.
    key: String,
    parts: Vec<Part>,
    pub(super) seats: Vec<Seat>,
    environments: Vec<Arc<str>>,
}

impl Draft {
    pub(super) fn make(app: &str, families: &[Family<'_>], entries: &[Entry], below: &Below) -> Self {
        let environments: Vec<Arc<str>> = entries.iter().map(|entry| Arc::clone(&entry.name)).collect();
        let unifier = Unifier { environments: &environments };
        let one = |family: &Family<'_>| {
            let values: Vec<Option<&Value>> = family.members.iter().map(|object| object.map(|it| &it.value)).collect();
            let there = values.iter().map(|value| Some(Value::Bool(value.is_some()))).collect();
            let is_missing = values.iter().any(Option::is_none);
            Part {
                plan: unifier.object(&values),
                flag: is_missing.then(|| Hole::new(there, &[], Role::Flag)),
                said: family.first().map(|id| said(id, &family.name)).unwrap_or_default(),
            }
        };
        let mut parts: Vec<Part> = families.iter().map(one).collect();
        let seats = seats(app, families);
        let mut names = Names::default();
        if below.has_others {
            names.reserve(ENABLED);
        }
        name_components(&mut parts, &seats, &mut names);
        // The application's own objects have the short names.
        let mut order: Vec<usize> = (0..parts.len()).collect();
        order.sort_by_key(|at| !seats[*at].place.component.is_empty());
        for at in order {
            let mut holes = Vec::new();
            let Part { flag, plan, .. } = &mut parts[at];
            holes.extend(flag.as_mut());
            plan.holes(&mut holes);
            let unnamed = holes.into_iter().filter(|hole| hole.name.is_empty());
            unnamed.for_each(|hole| names.name(hole, &seats[at].place));
        }
        let key = if is_identifier(app) { app.to_owned() } else { camel(app) };
        Self { key, parts, seats, environments }
    }

    /// All holes, those of one name once, with what they stand in.
    fn holes(&self) -> Vec<(Hole, &str)> {
        let mut seen: Vec<(Hole, &str)> = Vec::new();
        for part in &self.parts {
            let mut plan = part.plan.clone();
            let mut holes = Vec::new();
            plan.holes(&mut holes);
            for hole in part.flag.iter().chain(holes.into_iter().map(|hole| &*hole)) {
                if !seen.iter().any(|(known, _)| known.name == hole.name) {
                    seen.push((hole.clone(), &part.said));
                }
            }
        }
        seen
    }

    pub(super) fn settings(&self) -> usize {
        self.holes().len()
    }

    /// All files that are written.
    pub(super) fn files(&self, request: &Request<'_>, below: &Below) -> Result<BTreeMap<Utf8PathBuf, String>, Refused> {
        let mut files = self.templates(request, below);
        let mut holes = self.holes();
        let mut layers = Layers::new(self.environments.len());
        for (hole, _) in &holes {
            layers.put(hole, below.base.is_some());
        }
        let optional: Vec<&Hole> =
            holes.iter().map(|(hole, _)| hole).filter(|hole| hole.values.contains(&None)).collect();
        for hole in &optional {
            layers.surround(hole, below.base.is_some());
        }
        let is_asked = !optional.is_empty();
        if below.has_others {
            self.enable(&mut layers, &mut holes, below);
        }
        if holes.is_empty() {
            return Ok(files);
        }
        let app = request.app;
        let path = |folder: &Utf8Path| folder.join(format!("{app}.yaml"));
        if let Some(base) = &below.base
            && (is_asked || !layers.base.is_empty())
        {
            let head = format!("{app}, as most environments have it.");
            files.insert(path(base), self.layer(layers.base, &head));
        }
        for (entry, own) in request.entries.iter().zip(layers.own) {
            if own.is_empty() && (!is_asked || below.base.is_some()) {
                continue;
            }
            if request.inputs.disk.list(&entry.path).is_err() {
                return Err(Refused {
                    message: format!("`{}` is one file, and an application gets a file of its own", entry.path),
                    help: format!("make a folder of it: `{}/environment.yaml`", entry.path.with_extension("")),
                });
            }
            let head = format!("What {app} has of its own in {}.", entry.name);
            files.insert(path(&entry.path), self.layer(own, &head));
        }
        self.link(&mut files, request, &holes, below)?;
        Ok(files)
    }

    fn templates(&self, request: &Request<'_>, below: &Below) -> BTreeMap<Utf8PathBuf, String> {
        let writer = Writer { key: &self.key, environments: &self.environments };
        let folder = request.project.config.templates.join(request.app);
        let mut files = BTreeMap::new();
        for (part, seat) in self.parts.iter().zip(&self.seats) {
            let mut conditions = Vec::new();
            if below.has_others {
                if below.misses_some {
                    conditions.push(format!("{} is defined", self.key));
                }
                conditions.push(writer.setting(&[ENABLED.to_owned()]));
            }
            conditions.extend(part.flag.as_ref().map(|flag| writer.setting(&flag.name)));
            let path = folder.join(&seat.path);
            if let Some(text) = verbatim(part, seat) {
                if !conditions.is_empty() {
                    let head = format!(
                        "{{#- platc\nwhen: {}\ncopy: {}/{}\n-#}}\n",
                        conditions.join(" and "),
                        request.app,
                        seat.path
                    );
                    files.insert(format!("{path}.j2").into(), head);
                }
                files.insert(path, text);
                continue;
            }
            let (mut plan, mut texts) = (part.plan.clone(), BTreeMap::new());
            let own =
                if seat.place.component.is_empty() { String::new() } else { format!("/{}", seat.place.component) };
            texts::extract(&mut plan, &format!("{}/files{own}", request.app), &mut texts);
            files.insert(format!("{path}.j2").into(), writer.template(&plan, &conditions));
            files.extend(texts.into_iter().map(|(path, text)| (request.project.config.templates.join(path), text)));
        }
        files
    }

    /// Says which environments have the application, where others do not.
    fn enable(&self, layers: &mut Layers, holes: &mut Vec<(Hole, &str)>, below: &Below) {
        let key: Arc<str> = ENABLED.into();
        if below.base.is_some() {
            layers.base.insert(0, (Arc::clone(&key), Value::Bool(false)));
        }
        for own in &mut layers.own {
            own.insert(0, (Arc::clone(&key), Value::Bool(true)));
        }
        let mut hole = Hole::new(vec![Some(Value::Bool(true)); self.environments.len()], &[], Role::Flag);
        hole.name = vec![ENABLED.to_owned()];
        holes.insert(0, (hole, "the application"));
    }

    fn layer(&self, entries: Vec<(Arc<str>, Value)>, head: &str) -> String {
        hand::document(head, &Value::Map(vec![(self.key.as_str().into(), Value::Map(entries))]))
    }

    /// The schema of the settings, and the line that names it.
    fn link(
        &self,
        files: &mut BTreeMap<Utf8PathBuf, String>,
        request: &Request<'_>,
        holes: &[(Hole, &str)],
        below: &Below,
    ) -> Result<(), Refused> {
        let own = &request.project.config.schema;
        let stem = own.file_name().and_then(|name| name.split('.').next()).unwrap_or("environment");
        let folder = own.parent().unwrap_or(Utf8Path::new(""));
        let path = folder.join(stem).join(format!("{}.schema.yaml", request.app));
        let setting = |(hole, object): &'_ (Hole, &str)| -> bool {
            let _ = object;
            let is_everywhere = hole.values.iter().all(Option::is_some);
            is_everywhere && (!below.has_others || below.base.is_none() || goes_below(hole))
        };
        let settings: Vec<Setting<'_>> =
            holes.iter().map(|it| Setting { hole: &it.0, object: it.1, required: setting(it) }).collect();
        files.insert(path.clone(), hand::document("", &schema::schema(request.app, &settings)));
        let refused = |why: &str| Refused {
            message: format!("`{own}` gets no line for the settings of {}: {why}", request.app),
            help: format!(
                "put `{}: {{$ref: {}}}` into its `properties` by hand, and adopt again",
                self.key,
                link::reference(own, &path)
            ),
        };
        let bytes = request.inputs.disk.read(own, request.inputs.limits.file_bytes);
        let bytes = bytes.map_err(|error| refused(&error.to_string()))?;
        let text = String::from_utf8_lossy(&bytes);
        let file = request.inputs.sources.add(own.clone(), &*text);
        let root = read::read_text(&text, file, request.inputs.limits, &mut Findings::default());
        let root = root.ok_or_else(|| refused("it cannot be read"))?;
        match link::link(&text, &root, &self.key, &link::reference(own, &path)) {
            Ok(Linked::Put(text)) => {
                files.insert(own.clone(), text);
            }
            Ok(Linked::Is) => {}
            Ok(Linked::Taken) => {
                return Err(Refused {
                    message: format!("`{own}` has a key `{}` already, of something else", self.key),
                    help: "give the application another name".to_owned(),
                });
            }
            Err(refusal) => return Err(refused(refusal.why)),
        }
        Ok(())
    }
}

/// A component of which an environment has all objects or none has one flag.
fn name_components(parts: &mut [Part], seats: &[Seat], names: &mut Names) {
    let components: BTreeSet<&str> =
        seats.iter().map(|seat| &*seat.place.component).filter(|it| !it.is_empty()).collect();
    for component in components {
        let is_own = |at: &usize| seats[*at].place.component == component;
        let own: Vec<usize> = (0..parts.len()).filter(is_own).collect();
        let first = own.first().and_then(|at| parts[*at].flag.as_ref()).map(|flag| flag.values.clone());
        let Some(first) = first.filter(|_| own.len() > 1) else { continue };
        if own.iter().all(|at| parts[*at].flag.as_ref().is_some_and(|flag| flag.values == first)) {
            let Some(name) = names.component(component) else { continue };
            for at in own {
                if let Some(flag) = &mut parts[at].flag {
                    flag.name.clone_from(&name);
                }
            }
        }
    }
}

/// What is copied as it is: definitions, and other large objects that are the same everywhere.
fn verbatim(part: &Part, seat: &Seat) -> Option<String> {
    let Plan::Literal(value) = &part.plan else { return None };
    let is_large = &*seat.place.kind == "CustomResourceDefinition" || value.weight().0 > LARGE;
    is_large
        .then(|| emit::documents("", std::slice::from_ref(value)))
        .filter(|_| Utf8Path::new(&seat.path).extension() == Some("yaml"))
}

/// Nodes from which on nobody edits an object by hand.
const LARGE: usize = 400;

/// Whether an environment has the application.
const ENABLED: &str = "enabled";

/// An object as descriptions name it.
fn said(id: &super::Identity, name: &str) -> String {
    if id.is_file() { format!("`{name}`") } else { format!("{} `{name}`", id.kind) }
}
