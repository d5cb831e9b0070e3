//! `platc affected`: which environments a change really affects, and which of their files.

mod comparison;
mod consequences;
mod jobs;
mod shown;
mod side;
mod uncommitted;

use camino::Utf8PathBuf;

use super::args::{Affected, Format, Global};
use super::caching::Keeps;
use super::exit::{Exit, Failure};
use super::printer::Printer;
use super::report::Report;
use super::session::Session;
use crate::cache::{Entries, Within};
use crate::disk::{Disk, Parted, ReadError};
use crate::project::FILE;
use comparison::Comparison;
use side::Side;

pub(super) fn run(args: &Affected, global: &Global, printer: &mut Printer) -> Result<Exit, Failure> {
    if args.max_jobs.is_some() && printer.format != Format::Matrix {
        return Err(Failure::new("`--max-jobs` is about jobs, and only a matrix has some")
            .help("`platc affected --base main --format matrix` prints one"));
    }
    let session = Session::open_with_cache(global, false)?;
    let parted = session.parted(&args.base, &args.head)?;
    let [before, after] = [session.of_commit(&parted.merge_base)?, session.of_commit(&parted.head)?];
    must_hold_project(&after, args)?;
    // What one side has found out, the other one need not.
    let within = Within::default();
    let (entries, keeps): (&dyn Entries, _) = match session.entries() {
        Some(entries) => (entries, [Keeps::Always; 2]),
        None => (&within, [Keeps::For(&parted.changed), Keeps::Never]),
    };
    let old = Side::compile(&before, (entries, keeps[0]), global, printer)?;
    let new = Side::compile(&after, (entries, keeps[1]), global, printer)?;
    if old.has_failed() || new.has_broken_project() {
        let (report, at) =
            if old.has_failed() { (old.into_report(), &args.base) } else { (new.into_report(), &args.head) };
        return broken(&report, at, printer);
    }
    let mut comparison = Comparison::of(old, new);
    comparison.look_closer(global, printer)?;
    if args.impact {
        consequences::find(&mut comparison, &parted.merge_base, global, printer)?;
    }
    let uncommitted = uncommitted::files(&parted, &session, &after);
    say(&parted, args, &comparison, &uncommitted, printer);
    match printer.format {
        Format::Matrix => printer.result(jobs::matrix(&comparison.affected, args.max_jobs))?,
        Format::Paths => printer.result(shown::paths(&comparison, &session.place))?,
        Format::Json => {
            let report = Report::new(comparison.new_findings(), &after.sources);
            report.document(printer, shown::document(&comparison, &parted, &uncommitted))?;
        }
        _ => printer.result(shown::text(&comparison, printer.is_verbose()))?,
    }
    printer.status(&shown::summary(&comparison, args));
    Ok(Exit::Fine)
}

fn must_hold_project(head: &Session, args: &Affected) -> Result<(), Failure> {
    match head.disk.read(FILE.into(), head.limits.file_bytes) {
        Err(ReadError::Missing) => {
            let root = &head.place.root;
            Err(Failure::new(format!("`{root}` is not a project as of `{}`: it holds no `platc.yaml`", args.head))
                .help("commit it, or name another folder with `--project`"))
        }
        _ => Ok(()),
    }
}

/// Nothing is known of what is affected.
fn broken(report: &Report<'_>, at: &str, printer: &mut Printer) -> Result<Exit, Failure> {
    if printer.format == Format::Json {
        report.document(printer, shown::Nothing::default())?;
    } else {
        report.say(printer);
    }
    printer.error(&format!("the project is broken as of `{at}`, so nothing says what is affected"), None);
    Ok(report.exit())
}

/// What one should know of the answer.
fn say(
    parted: &Parted,
    args: &Affected,
    comparison: &Comparison<'_>,
    uncommitted: &[Utf8PathBuf],
    printer: &mut Printer,
) {
    if parted.others > 0 {
        printer.warning(
            &format!(
                "`{}` and `{}` have parted at {} commits; {} is taken",
                args.base,
                args.head,
                parted.others + 1,
                shown::short(&parted.merge_base)
            ),
            Some("merges went in both directions; merge the branch that the change goes into once more to have one"),
        );
    }
    if comparison.old.has_broken_project() {
        let (base, head) = (&args.base, &args.head);
        printer.warning(
            &format!("the project is broken where `{base}` and `{head}` have parted, so that every environment counts"),
            None,
        );
    }
    if let Some(said) = uncommitted::sentence(uncommitted) {
        printer.warning(&said, Some("what is not committed is ignored"));
    }
}
