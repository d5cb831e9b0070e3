//! A project that is compiled through the library, so that its environment can be changed value by value.

use camino::Utf8Path;
use platc::disk::Real;
use platc::environment::load::Environment;
use platc::finding::Findings;
use platc::limits::Limits;
use platc::pipeline::{Compiler, Inputs, Options, Shared, on_threads};
use platc::project::Project;
use platc::source::Sources;

/// Runs with the compiler of a project, and each of its environments that is asked for; none means all.
pub(crate) fn with_project(
    root: &str,
    names: &[&str],
    run: impl Fn(&Compiler<'_>, &Sources, Environment) + Sync + Send,
) {
    let disk = Real::open(Utf8Path::new(root)).unwrap();
    let (sources, limits) = (Sources::default(), Limits::default());
    let mut findings = Findings::default();
    let inputs = Inputs { disk: &disk, sources: &sources, limits: &limits };
    let project = Project::load(&disk, &sources, &limits, &mut findings).unwrap();
    on_threads(None, || {
        let shared = Shared::load(&project, inputs, &mut findings);
        let compiler = Compiler::new(&shared, Options::default(), inputs).unwrap();
        let wanted = project.environments.iter().filter(|entry| names.is_empty() || names.contains(&&*entry.name));
        for entry in wanted {
            let environment = compiler.environment(entry, &mut findings).unwrap();
            run(&compiler, &sources, environment);
        }
    })
    .unwrap();
}
