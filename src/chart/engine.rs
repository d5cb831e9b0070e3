//! The engine's door: templates of a chart and what they are given in, texts out.
//!
//! A template is parsed once for its text, and rendered as often as wanted, on any thread. The values of one render are of one
//! thread. How templates of a chart and its subcharts are ordered, and which definition of a name wins, is done here as Helm
//! does it; which charts take part, and with which values, is said by the jobs.

use std::sync::Arc;

use super::failure::{Failure, FailureKind, Place};
use super::marks::Marks;
use super::meter::Meter;
use super::text::Text;
use super::value::Map;

/// A template that was read. It is shared by all who render a chart.
#[derive(Debug)]
pub struct Template {
    name: Arc<str>,
}

impl Template {
    /// Reads a template; `name` is its path with those of the charts around it: `app/charts/db/templates/pod.yaml`.
    pub fn parse(name: impl Into<Arc<str>>, text: &str) -> Result<Self, Failure> {
        let name = name.into();
        if text.is_empty() {
            return Ok(Self { name });
        }
        let at = vec![Place { template: name, start: 0, end: text.len(), line: 1, column: 1 }];
        let message = "templates can't be read yet".to_owned();
        Err(Failure { kind: FailureKind::Syntax { message, help: None }, at })
    }

    pub fn name(&self) -> &Arc<str> {
        &self.name
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
    /// Calls whose result isn't deterministic; their marks count from [`super::marks::Mark::CALL`].
    pub calls: Vec<Call>,
    /// Decisions that were taken on such a call.
    pub decisions: Vec<Decision>,
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
}

/// Renders all jobs, in Helm's order. The first failure ends it, as in Helm.
pub fn render(jobs: &[Job], _options: &Options, _meter: &Meter) -> Result<Rendered, Failure> {
    let files = jobs.iter().map(|job| (job.template.name().clone(), Text::new(""))).collect();
    Ok(Rendered { files, ..Rendered::default() })
}
