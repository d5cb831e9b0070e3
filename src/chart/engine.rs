//! The engine's door: templates of a chart and what they are given in, texts out.
//!
//! A template is parsed once for its text, and rendered as often as wanted, on any thread. The values of one render are of one
//! thread. How templates of a chart and its subcharts are ordered, and which definition of a name wins, is done here as Helm
//! does it; which charts take part, and with which values, is said by the jobs.

use std::rc::Rc;
use std::sync::Arc;

use super::eval::{Definitions, Run};
use super::failure::{Failure, FailureKind, Place};
use super::marks::Marks;
use super::meter::Meter;
use super::syntax::{self, Definition, Span, Unreadable};
use super::text::Text;
use super::value::{Map, MapKind, Value};

/// A template that was read. It is shared by all who render a chart.
#[derive(Debug)]
pub struct Template {
    name: Arc<str>,
    text: Arc<str>,
    definitions: Vec<Definition>,
}

impl Template {
    /// Reads a template; `name` is its path with those of the charts around it: `app/charts/db/templates/pod.yaml`.
    pub fn parse(name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Result<Self, Failure> {
        let mut template = Self { name: name.into(), text: text.into(), definitions: Vec::new() };
        match syntax::parse(&template.name, &template.text) {
            Ok(definitions) => template.definitions = definitions,
            Err(Unreadable { message, help, span }) => {
                return Err(Failure { kind: FailureKind::Syntax { message, help }, at: vec![template.place(span)] });
            }
        }
        Ok(template)
    }

    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn definitions(&self) -> &[Definition] {
        &self.definitions
    }

    /// A place in it, with line and column.
    pub(super) fn place(&self, span: Span) -> Place {
        let (start, end) = (span.start as usize, span.end as usize);
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Place { template: self.name.clone(), start, end, line, column }
    }
}

/// A template to be rendered, or a file of definitions only, whose name begins with `_`.
#[derive(Clone, Debug)]
pub struct Job {
    pub template: Arc<Template>,
    /// What its chart's templates see as `.`: a map with `Chart`, `Files`, `Release`, `Capabilities`, `Values` and `Subcharts`.
    /// All templates of a chart have the same map, and what one sets others see. `Template` is set here.
    pub scope: Map,
    /// `.Template.BasePath`: `app/charts/db/templates`.
    pub base_path: Arc<str>,
}

#[derive(Clone, Debug, Default)]
pub struct Options {
    /// `lookup` can answer, with what isn't known: under Flux, which has a cluster at hand. Else it finds nothing.
    pub lookup_is_unknown: bool,
    /// Notes for each piece of text by which lines of templates and under which conditions it was made.
    pub traced: bool,
}

#[derive(Debug, Default)]
pub struct Rendered {
    /// By the name of the template, in order of names; without those that begin with `_`.
    pub files: Vec<(Arc<str>, Text)>,
    /// Calls whose result isn't deterministic.
    pub calls: Vec<Call>,
    /// Decisions: in a traced render all of them, else those that were taken on such a call.
    pub decisions: Vec<Decision>,
    /// Places of templates that wrote something, in a traced render.
    pub places: Vec<Place>,
}

/// A call for which a stand-in was given.
#[derive(Clone, Debug)]
pub struct Call {
    pub function: &'static str,
    pub at: Place,
}

/// A condition, or what a loop goes through, that depends on something.
#[derive(Clone, Debug)]
pub struct Decision {
    pub at: Place,
    pub marks: Marks,
    /// The decision within which it was taken.
    pub under: Option<u32>,
}

/// Renders all jobs, in Helm's order. The first failure ends it, as in Helm.
pub fn render(jobs: &[Job], options: &Options, meter: &Meter) -> Result<Rendered, Failure> {
    let mut ordered: Vec<&Job> = jobs.iter().collect();
    ordered.sort_by(|a, b| order_key(b.template.name()).cmp(&order_key(a.template.name())));
    let mut definitions = Definitions::default();
    for job in &ordered {
        definitions.add(&job.template);
    }
    let (run, definitions) = (Run::new(options, meter), Rc::new(definitions));
    let mut files = Vec::new();
    for job in ordered {
        let name = job.template.name();
        if name.rsplit('/').next().unwrap_or_default().starts_with('_') {
            continue;
        }
        let about = [("Name", name), ("BasePath", &job.base_path)];
        let about = about.map(|(key, value)| (Arc::from(key), Value::text(value.clone())));
        job.scope.set("Template".into(), Map::new(MapKind::Values, about).into());
        let dot = Value::from(job.scope.clone());
        let text = run.render(&definitions, name, dot).map_err(|failure| *failure)?;
        files.push((name.clone(), text));
    }
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    let (calls, decisions, places) = run.into_notes();
    Ok(Rendered { files, calls, decisions, places })
}

/// Files that lie deeper come first, and of those in one folder the last.
fn order_key(name: &str) -> (usize, &str) {
    (name.matches('/').count(), name)
}
