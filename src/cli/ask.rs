//! What questions about one environment share: its layers merged, with what the command line lays over them, and a compiler
//! that makes its output and the output's map.

use super::args::{Global, Values};
use super::compile::without_threads;
use super::exit::{Exit, Failure};
use super::mask::Mask;
use super::printer::Printer;
use super::report::Report;
use super::session::{Session, With};
use crate::environment::load::Environment;
use crate::finding::Findings;
use crate::finding::render::json::FindingsOnly;
use crate::pipeline::{self, Compiler, Inputs, Options, Shared, Unjudged};
use crate::project::{Entry, Project};
use crate::schema::Schema;

/// One environment that is asked about.
pub(super) struct Asked<'a> {
    pub(super) session: &'a Session,
    pub(super) compiler: &'a Compiler<'a>,
    pub(super) schema: &'a Schema,
    pub(super) environment: &'a Environment,
    /// What of it must not be shown.
    pub(super) mask: Mask,
}

/// What a question came to.
pub(super) type Answer = Result<Exit, Failure>;

/// Merges the layers of an environment and lets `answer` tell what is asked. What is wrong with the layers is told instead.
pub(super) fn about(
    select: impl FnOnce(&Project, &Session) -> Result<Entry, Failure> + Send,
    values: &Values,
    global: &Global,
    printer: &mut Printer,
    answer: impl FnOnce(&Asked<'_>, &mut Printer) -> Answer + Send,
) -> Answer {
    let session = Session::open(global, false)?;
    let with = session.overlays(&values.with)?;
    let mut findings = Findings::default();
    let Some(project) = Project::load(session.disk.as_ref(), &session.sources, &session.limits, &mut findings) else {
        return refused(findings, &session, printer);
    };
    let entry = match select(&project, &session) {
        Ok(entry) => entry,
        Err(_) if findings.has_errors() => return refused(findings, &session, printer),
        Err(failure) => return Err(failure),
    };
    let threads = (global.jobs > 0).then_some(usize::from(global.jobs));
    let (session, with) = (&session, &with);
    let work = move || {
        let inputs = Inputs { disk: session.disk.as_ref(), sources: &session.sources, limits: &session.limits };
        let mut findings = Findings::default();
        let shared = Shared::load(&project, inputs, &mut findings);
        let overlays: Vec<_> = with.iter().map(With::overlay).collect();
        let laid = shared.laid(&overlays, &values.set, inputs, &mut findings);
        let options = Options { set: laid.as_ref(), ..Options::default() };
        let compiler = Compiler::new(&shared, options, inputs).filter(|_| !findings.has_errors());
        let Some(compiler) = compiler else { return refused(findings, session, printer) };
        let environment = compiler.environment(&entry, &mut findings);
        let Some(environment) = environment.filter(|_| !findings.has_errors()) else {
            return refused(findings, session, printer);
        };
        let schema = compiler.schema();
        let mask = Mask::of(&environment, schema);
        answer(&Asked { session, compiler: &compiler, schema, environment: &environment, mask }, printer)
    };
    pipeline::on_threads(threads, work).map_err(|_| without_threads())?
}

impl Asked<'_> {
    /// All that the environment makes. What is wrong with it is told.
    pub(super) fn made(&self, printer: &mut Printer) -> Option<Unjudged> {
        self.made_noting(false, printer)
    }

    /// The same, with what each template reads if that is asked.
    pub(super) fn made_noting(&self, notes: bool, printer: &mut Printer) -> Option<Unjudged> {
        let mut findings = Findings::default();
        let made = self.compiler.unjudged_noting(self.environment.clone(), notes, &mut findings);
        if findings.has_errors() {
            Report::new(findings, &self.session.sources).say(printer);
        }
        made
    }
}

fn refused(findings: Findings, session: &Session, printer: &mut Printer) -> Answer {
    let report = Report::new(findings, &session.sources);
    report.say(printer);
    report.document(printer, FindingsOnly {})?;
    Ok(report.exit())
}
