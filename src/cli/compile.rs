//! Running environments through the pipeline while the terminal is told how far it is.

use std::mem::ManuallyDrop;
use std::panic;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::caching::{Caching, Found, Slot};
use super::exit::Failure;
use super::printer::Printer;
use super::session::{Session, With};
use crate::check::Past;
use crate::disk::{Budget, Disk};
use crate::finding::Findings;
use crate::limits::Limits;
use crate::pipeline::{self, Compiled, Compiler, Inputs, Options, Shared, Survey};
use crate::project::{Entry, Project};
use crate::source::Sources;
use crate::tree::Record;

/// A run that is over sooner says nothing about itself.
const PATIENCE: Duration = Duration::from_secs(1);
const PROGRESS: Duration = Duration::from_millis(100);

/// What a worker tells the terminal.
pub(super) enum Event {
    /// One environment more is done.
    Done,
    /// Something to be said at once: another process holds a lock.
    Said(String),
}

/// What to compile, and how.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) disk: &'a dyn Disk,
    pub(super) sources: &'a Sources,
    pub(super) limits: &'a Limits,
    /// 0 means one thread for each processor.
    pub(super) jobs: u16,
    /// Values from the command line.
    pub(super) set: &'a [String],
    /// Files that are laid over every environment.
    pub(super) with: &'a [With],
    /// Let an independent reader read every file.
    pub(super) verify: bool,
    /// Judge the output. Not so for what is only looked at, such as the past.
    pub(super) check: bool,
    /// What day it is, for acknowledgements that end.
    pub(super) day: Option<&'a str>,
    /// What changes are judged against.
    pub(super) past: Option<&'a dyn Past>,
    /// What changes are told against, one by one.
    pub(super) effects: Option<&'a dyn Past>,
    /// What is asked of each environment, instead of its tree.
    pub(super) survey: Option<&'a Survey<'a>>,
    /// Look for settings that nothing reads.
    pub(super) usage: bool,
    /// An environment that makes no file is meant to.
    pub(super) allow_empty: bool,
    /// Where to look for what runs left and git tracks.
    pub(super) leftovers: Option<&'a Session>,
    /// Trees are to be written: not where something that git tracks lies in the place of what a run leaves.
    pub(super) writes: bool,
    /// How to use what earlier runs have found out.
    pub(super) caching: Option<Caching<'a>>,
}

impl Session {
    /// What to compile here, with the usual options.
    pub(super) fn request(&self) -> Request<'_> {
        let Self { disk, sources, limits, .. } = self;
        Request {
            disk: disk.as_ref(),
            sources,
            limits,
            jobs: 0,
            set: &[],
            with: &[],
            verify: false,
            check: true,
            day: None,
            past: None,
            effects: None,
            survey: None,
            usage: false,
            allow_empty: false,
            leftovers: None,
            writes: false,
            caching: None,
        }
    }
}

/// What became of the environments that were asked for.
pub(super) struct Outcome<T> {
    /// `None` if its settings are broken.
    pub(super) project: Option<Project>,
    pub(super) findings: Findings,
    /// By environment, in the order of asking; nothing where something that all of them need is broken.
    pub(super) delivered: Vec<(Arc<str>, T)>,
}

/// What [`each`] hands on with every environment.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) project: &'a Project,
    pub(super) entry: &'a Entry,
    pub(super) events: &'a Sender<Event>,
}

/// Compiles environments and hands each to `deliver` on the thread that made it, `None` after errors. Where an earlier run
/// has made the same, `recall` may deliver a tree of which only the record is known, if it can.
pub(super) fn each<T: Send>(
    request: &Request<'_>,
    select: impl FnOnce(&Project) -> Result<Vec<Entry>, Failure>,
    printer: &mut Printer,
    recall: impl Fn(Context<'_>, &Record) -> Option<T> + Sync + Send,
    deliver: impl Fn(Context<'_>, Option<Compiled>, &mut Findings) -> T + Sync + Send,
) -> Result<Outcome<T>, Failure> {
    let Request {
        disk,
        sources,
        limits,
        jobs,
        set,
        with,
        verify,
        check,
        day,
        past,
        effects,
        survey,
        usage,
        allow_empty,
        leftovers,
        writes,
        ..
    } = *request;
    let mut findings = Findings::default();
    let disk = &Budget::new(disk, limits);
    let inputs = Inputs { disk, sources, limits };
    let Some((project, is_sound)) = Project::to_judge(disk, sources, limits, &mut findings) else {
        return Ok(Outcome { project: None, findings, delivered: Vec::new() });
    };
    let selected = match select(&project) {
        Ok(selected) => selected,
        // The environment that was meant may be there, with a finding that keeps it out.
        Err(_) if findings.has_errors() => return Ok(Outcome { project: None, findings, delivered: Vec::new() }),
        Err(failure) => return Err(failure),
    };
    if let Some(finding) = project.missing_templates(disk, sources) {
        findings.push(finding);
        return Ok(Outcome { project: Some(project).filter(|_| is_sound), findings, delivered: Vec::new() });
    }
    let total = selected.len();
    // What keeps an environment out is an error.
    let sound = !findings.has_errors();
    let acknowledged_too = printer.shows_acknowledged();
    let tracked = leftovers.map(|session| session.tracked_leftovers(&project)).unwrap_or_default();
    let is_in_the_way = writes && tracked.has_errors();
    findings.append(tracked);
    let (events, heard) = mpsc::channel();
    let slot = Slot::of(request, &project, &selected, acknowledged_too).filter(|_| is_sound && !is_in_the_way);
    let known = &project;
    let work = move || {
        let selected: Vec<&Entry> = selected.iter().collect();
        let again = |entry: &Entry, tree: Option<&Record>| {
            let delivered = match tree {
                Some(tree) => recall(Context { project: known, entry, events: &events }, tree)?,
                None => deliver(Context { project: known, entry, events: &events }, None, &mut Findings::default()),
            };
            let _ = events.send(Event::Done); // The listener goes when the last sender does.
            Some((Arc::clone(&entry.name), delivered))
        };
        let known_before = match slot.as_ref().map_or(Found::Nothing, |slot| slot.recall(&selected, again)) {
            Found::All(known, delivered) => {
                findings.append(known);
                return (findings, delivered);
            }
            Found::Some(known) => Some(known),
            Found::Nothing => None,
        };
        let mut own = Findings::default();
        // The process ends soon after: to take all this apart, node by node, would be time for nothing.
        let shared = ManuallyDrop::new(Shared::load(known, inputs, &mut own));
        let mut said = Findings::default();
        let overlays: Vec<_> = with.iter().map(With::overlay).collect();
        let patch = shared.laid(&overlays, set, inputs, &mut said);
        let set_is_bad = patch.is_none() && !(set.is_empty() && with.is_empty());
        // A value that was read in spite of an error, such as one with two readings, is not what was asked for.
        let refused = said.has_errors() || is_in_the_way || !is_sound;
        own.append(said);
        let whole = (sound && total == known.environments.len()).then_some(known);
        let parts = slot.as_ref().map(|slot| slot.parts(known_before, disk));
        let (set, kept) = (patch.as_ref(), parts.as_ref());
        let options = Options {
            set,
            refused,
            check,
            verify,
            day,
            acknowledged_too,
            past,
            effects,
            whole,
            usage,
            allow_empty,
            parts: kept,
            survey,
        };
        let made = match Compiler::new(&shared, options, inputs).filter(|_| !set_is_bad) {
            Some(compiler) => compiler.each(
                &selected,
                &mut own,
                |entry, tree| {
                    let delivered = recall(Context { project: known, entry, events: &events }, tree)?;
                    let _ = events.send(Event::Done);
                    Some((Made { tree: Some(*tree), said: Findings::default() }, delivered))
                },
                |entry, compiled, _| {
                    let tree = compiled.as_ref().filter(|_| slot.is_some()).map(|compiled| Record::of(&compiled.files));
                    let mut said = Findings::default();
                    let delivered = deliver(Context { project: known, entry, events: &events }, compiled, &mut said);
                    said.name_environment(&entry.name);
                    let _ = events.send(Event::Done);
                    (Made { tree, said }, delivered)
                },
            ),
            None => Vec::new(),
        };
        if let (Some(slot), Some(parts)) = (slot, parts) {
            let trees = selected.iter().zip(&made).map(|(entry, (made, _))| (*entry, made.tree));
            slot.keep(&own, trees.collect(), parts);
        }
        findings.append(own);
        let name = |(entry, (made, delivered)): (&&Entry, (Made, T))| {
            findings.append(made.said);
            (Arc::clone(&entry.name), delivered)
        };
        let delivered = selected.iter().zip(made).map(name).collect();
        (findings, delivered)
    };
    let threads = (jobs > 0).then_some(usize::from(jobs));
    let worked = thread::scope(|scope| {
        let worker = thread::Builder::new().spawn_scoped(scope, move || pipeline::on_threads(threads, work)).ok()?;
        listen(&heard, total, printer);
        Some(worker.join())
    });
    match worked {
        Some(Ok(Ok((findings, delivered)))) => {
            Ok(Outcome { project: Some(project).filter(|_| is_sound), findings, delivered })
        }
        Some(Err(panicked)) => panic::resume_unwind(panicked),
        None | Some(Ok(Err(_))) => Err(without_threads()),
    }
}

/// What became of an environment beside its delivery.
struct Made {
    /// If it is to be kept, and could be made.
    tree: Option<Record>,
    /// What was found on delivering it, which depends on where it goes.
    said: Findings,
}

/// Why a thread is refused, no system says in words that help.
pub(super) fn without_threads() -> Failure {
    Failure::new("no thread can be started: the system gives this process no more threads, or no memory for them")
        .help("`-j 1` needs the fewest; `ulimit -u` and the limits of a container say how many there may be")
}

/// Says what workers have to say, and after a while how far they are, until the last of them is gone.
#[allow(clippy::disallowed_methods, reason = "the clock decides when to show progress, and nothing else")]
fn listen(heard: &Receiver<Event>, total: usize, printer: &mut Printer) {
    let mut done = 0;
    let mut next = Instant::now() + PATIENCE;
    loop {
        match heard.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(Event::Done) => done += 1,
            Ok(Event::Said(line)) => printer.status(&line),
            Err(RecvTimeoutError::Timeout) => {
                printer.progress(&format!("{done} of {total} environments"));
                next = Instant::now() + PROGRESS;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
}
