//! The pool that everything runs on, and findings of pieces that run side by side.

use crate::finding::Findings;

/// Stack of each worker: the template engine recurses, within its limits, deeper than a default stack allows. Pages
/// that are not used are never touched.
const STACK_BYTES: usize = 32 << 20;

/// Runs `work` on a pool of its own. Everything in this module runs inside of one.
///
/// # Errors
/// The system refuses to start threads.
pub fn on_threads<T: Send>(
    threads: Option<usize>,
    work: impl FnOnce() -> T + Send,
) -> Result<T, rayon::ThreadPoolBuildError> {
    let builder = rayon::ThreadPoolBuilder::new().stack_size(STACK_BYTES).num_threads(threads.unwrap_or(0));
    Ok(builder.build()?.install(work))
}

/// Gives a piece of work its own sink, so that pieces can run at once and still report in a fixed order.
pub(super) fn collect<T>(work: impl FnOnce(&mut Findings) -> T) -> (T, Findings) {
    let mut findings = Findings::default();
    (work(&mut findings), findings)
}

/// The results of pieces of work; their findings go to the others, in the order of the pieces.
pub(super) fn gather<T>(pieces: Vec<(T, Findings)>, findings: &mut Findings) -> Vec<T> {
    let keep = |(made, found)| {
        findings.append(found);
        made
    };
    pieces.into_iter().map(keep).collect()
}
