//! `platc schema`: the project's schema as one document, and the line that tells editors about it.

use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::args::{Docs, Format, Global, Modeline, Print, SchemaAction};
use super::exit::{Exit, Failure};
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use super::{import, modeline};
use crate::disk::{Disk as _, EntryKind};
use crate::finding::Findings;
use crate::finding::render::json::{FindingsOnly, document};
use crate::finding::render::safe;
use crate::project::{Entry, Project};
use crate::schema::Schema;

pub(super) fn run(action: &SchemaAction, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    let session = Session::open(global, false)?;
    match action {
        SchemaAction::Print(args) => print(args, &session, printer),
        SchemaAction::Docs(Docs {}) => docs(&session, printer),
        SchemaAction::Import(args) => import::run(args, &session, printer),
        SchemaAction::Modeline(args) => modelines(args, &session, printer),
    }
}

/// The project's schema, with a report that has been said.
fn load<'a>(session: &'a Session, printer: &mut Printer) -> (Option<Schema>, Report<'a>) {
    let Session { disk, sources, limits, .. } = session;
    let mut findings = Findings::default();
    let schema = Project::load(disk.as_ref(), sources, limits, &mut findings)
        .and_then(|project| Schema::load(disk.as_ref(), &project.config.schema, sources, limits, &mut findings));
    let report = Report::new(findings, sources);
    report.say(printer);
    (schema, report)
}

#[derive(Serialize)]
struct Page {
    markdown: String,
}

fn docs(session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let (schema, report) = load(session, printer);
    match (schema, printer.format) {
        (Some(schema), Format::Text) => printer.result(safe::page(&schema.reference()))?,
        (Some(schema), _) => report.document(printer, Page { markdown: schema.reference() })?,
        (None, _) => report.document(printer, FindingsOnly {})?,
    }
    Ok(report.exit())
}

fn print(args: &Print, session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let (schema, report) = load(session, printer);
    match schema {
        Some(schema) if args.layer => printer.result(document(&for_layers(schema.bundled().clone())))?,
        Some(schema) => printer.result(document(schema.bundled()))?,
        None => report.document(printer, FindingsOnly {})?,
    }
    Ok(report.exit())
}

/// The schema as it holds for one layer alone: nothing is required, since another layer may have it; `extends`,
/// `acknowledge` and `$patch` are known; `null`, which deletes, stands in for anything.
fn for_layers(mut schema: Json) -> Json {
    relax(&mut schema);
    if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
        properties.insert("extends".to_owned(), json!({ "type": "array", "items": { "type": "string" } }));
        properties.insert("acknowledge".to_owned(), acknowledgements());
    }
    schema
}

fn acknowledgements() -> Json {
    let text = || json!({ "type": "string" });
    json!({ "type": "array", "items": {
        "type": "object",
        "required": ["rule", "subject", "reason"],
        "properties": { "rule": text(), "subject": text(), "reason": text(), "until": { "type": "string", "format": "date" } },
        "additionalProperties": false,
    } })
}

fn relax(schema: &mut Json) {
    match schema {
        Json::Array(schemas) => schemas.iter_mut().for_each(relax),
        Json::Object(keywords) => {
            for demand in ["required", "dependentRequired", "minProperties", "minItems", "x-kubernetes-validations"] {
                keywords.remove(demand);
            }
            if let Some(Json::String(kind)) = keywords.get("type") {
                let kinds = json!([kind, "null"]);
                keywords.insert("type".to_owned(), kinds);
            }
            if let Some(allowed) = keywords.get_mut("enum").and_then(Json::as_array_mut) {
                allowed.push(Json::Null);
            }
            if let Some(properties) = keywords.get_mut("properties").and_then(Json::as_object_mut) {
                properties.values_mut().for_each(relax);
                properties.insert("$patch".to_owned(), json!({ "enum": ["delete", "replace"] }));
            }
            for (keyword, below) in keywords.iter_mut() {
                match keyword.as_str() {
                    "$defs" | "definitions" | "patternProperties" | "dependentSchemas" => {
                        below.as_object_mut().into_iter().flat_map(|map| map.values_mut()).for_each(relax);
                    }
                    "items"
                    | "prefixItems"
                    | "additionalProperties"
                    | "unevaluatedProperties"
                    | "allOf"
                    | "anyOf"
                    | "oneOf" => relax(below),
                    _ => {}
                }
            }
        }
        _ => {}
    }
}

/// What happened to one file.
#[derive(Serialize)]
struct Line {
    path: String,
    modeline: String,
    written: bool,
}

#[derive(Serialize)]
struct Lines {
    files: Vec<Line>,
}

fn modelines(args: &Modeline, session: &Session, printer: &mut Printer) -> Result<Exit, Failure> {
    let Session { disk, sources, limits, .. } = session;
    let mut findings = Findings::default();
    let project = Project::load(disk.as_ref(), sources, limits, &mut findings);
    let report = Report::new(findings, sources);
    report.say(printer);
    let Some(project) = project else {
        report.document(printer, FindingsOnly {})?;
        return Ok(report.exit());
    };
    let schema = match &args.schema {
        Some(typed) => session.place.in_project(typed).ok_or_else(|| {
            Failure::new(format!("`{typed}` lies outside the project"))
                .help("editors on other machines could not find it; keep the schema in the project")
        })?,
        None => project.config.schema.clone(),
    };
    let mut files = Vec::new();
    for entry in session.select(&project, &args.environments)? {
        for path in own_files(&entry, session)? {
            files.push(line(path, &schema, args.write, session)?);
        }
    }
    let written = files.iter().filter(|file| file.written).count();
    match printer.format {
        Format::Text if args.write => {
            let noun = if files.len() == 1 { "file" } else { "files" };
            printer.status(&format!("wrote the modeline into {written} of {} {noun}", files.len()));
        }
        Format::Text => {
            for file in &files {
                let line = format!("{}: {}", session.place.shown(Utf8Path::new(&file.path)), file.modeline);
                printer.result(format!("{}\n", safe::line(&line)))?;
            }
        }
        _ => report.document(printer, Lines { files })?,
    }
    Ok(report.exit())
}

/// The files of an environment's own layer.
fn own_files(entry: &Entry, session: &Session) -> Result<Vec<Utf8PathBuf>, Failure> {
    if matches!(entry.path.extension(), Some("yaml" | "yml")) {
        return Ok(vec![entry.path.clone()]);
    }
    let unreadable = |error| Failure::new(format!("`{}` cannot be read: {error}", entry.path));
    let entries = session.disk.list(&entry.path).map_err(unreadable)?;
    let files = entries.into_iter().filter(|file| file.kind == EntryKind::File);
    let paths = files.map(|file| entry.path.join(file.name));
    Ok(paths.filter(|path| path.extension() == Some("yaml")).collect())
}

fn line(path: Utf8PathBuf, schema: &Utf8Path, write: bool, session: &Session) -> Result<Line, Failure> {
    let wanted = modeline::line(&path, schema);
    let mut written = false;
    if write {
        let unreadable = |reason: String| Failure::new(format!("`{path}` cannot be read: {reason}"));
        let bytes = session.disk.read(&path, session.limits.file_bytes);
        let bytes = bytes.map_err(|error| unreadable(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|_| unreadable("it is not UTF-8 text".to_owned()))?;
        if let Some(text) = modeline::put(&text, &wanted) {
            modeline::replace(&session.place, &path, &text)?;
            written = true;
        }
    }
    Ok(Line { path: path.into_string(), modeline: wanted, written })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layer_alone_need_not_be_whole() {
        let schema = json!({
            "type": "object",
            "required": ["cluster"],
            "properties": {
                "cluster": {
                    "type": "object",
                    "required": ["name"],
                    "properties": { "name": { "enum": ["a", "b"] }, "required": { "type": "string" } },
                },
                "pools": { "type": "array", "items": { "$ref": "#/$defs/pool" } },
            },
            "$defs": { "pool": { "required": ["name"], "type": ["object"] } },
        });
        let patch = json!({ "enum": ["delete", "replace"] });
        assert_eq!(
            for_layers(schema),
            json!({
                "type": ["object", "null"],
                "properties": {
                    "cluster": {
                        "type": ["object", "null"],
                        "properties": {
                            "name": { "enum": ["a", "b", null] },
                            "required": { "type": ["string", "null"] },
                            "$patch": patch,
                        },
                    },
                    "pools": { "type": ["array", "null"], "items": { "$ref": "#/$defs/pool" } },
                    "$patch": patch,
                    "extends": { "type": "array", "items": { "type": "string" } },
                    "acknowledge": acknowledgements(),
                },
                "$defs": { "pool": { "type": ["object"] } },
            })
        );
    }
}
