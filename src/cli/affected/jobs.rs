//! Environments shared out to jobs of about equal work, as CI takes them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use serde::Serialize;

use super::comparison::{Affected, Change};

/// As many jobs as GitHub makes of one matrix.
const MOST: u16 = 256;

/// What an environment takes beside its files, in files.
const EACH: usize = 4;

#[derive(Serialize)]
struct Matrix<'a> {
    include: Vec<Job<'a>>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
struct Job<'a> {
    /// From 1.
    #[serde(rename = "job")]
    number: usize,
    jobs: usize,
    /// Names with blanks between them.
    environments: String,
    /// The same as a list.
    names: Vec<&'a str>,
}

/// One line that GitHub takes as a matrix: `{"include":[{"job":1, ...}]}`. Environments that are gone are not in it.
pub(super) fn matrix(affected: &[Affected], most: Option<u16>) -> String {
    let work: Vec<_> = affected
        .iter()
        .filter(|it| it.change != Change::Removed)
        .map(|it| (&*it.name, it.size.saturating_add(EACH)))
        .collect();
    let matrix = Matrix { include: share(&work, most.unwrap_or(MOST)) };
    serde_json::to_string(&matrix).unwrap_or_default() + "\n"
}

/// The largest first, each to the job that has the least: no job takes more than a third longer than the best way to share them.
fn share<'a>(work: &[(&'a str, usize)], most: u16) -> Vec<Job<'a>> {
    let jobs = work.len().min(usize::from(most));
    let mut largest: Vec<usize> = (0..work.len()).collect();
    largest.sort_by_key(|&at| Reverse(work[at].1));
    let mut loads: BinaryHeap<Reverse<(usize, usize)>> = (0..jobs).map(|job| Reverse((0, job))).collect();
    let mut shared: Vec<Vec<usize>> = vec![Vec::new(); jobs];
    for at in largest {
        let Some(Reverse((load, job))) = loads.pop() else { break };
        shared[job].push(at);
        loads.push(Reverse((load.saturating_add(work[at].1), job)));
    }
    for members in &mut shared {
        members.sort_unstable();
    }
    shared.sort();
    let job = |(number, members): (usize, Vec<usize>)| {
        let names: Vec<_> = members.into_iter().map(|at| work[at].0).collect();
        Job { number: number + 1, jobs, environments: names.join(" "), names }
    };
    shared.into_iter().enumerate().map(job).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shared(work: &[(&str, usize)], most: u16) -> Vec<String> {
        share(work, most).into_iter().map(|job| job.environments).collect()
    }

    #[test]
    fn jobs_have_about_equal_work_and_keep_the_order_of_the_project() {
        let work = [("a", 1), ("b", 9), ("c", 4), ("d", 4), ("e", 2)];
        assert_eq!(shared(&work, 2), ["a b", "c d e"]);
        assert_eq!(shared(&work, 9), ["a", "b", "c", "d", "e"]);
        assert_eq!(shared(&work, 1), ["a b c d e"]);
        assert!(shared(&[], 4).is_empty());
    }

    proptest! {
        #[test]
        fn each_environment_is_in_one_job_and_no_job_has_much_more_than_it_must(
            sizes in proptest::collection::vec(1_usize..200, 0..80), most in 1_u16..20,
        ) {
            let names: Vec<String> = (0..sizes.len()).map(|number| format!("{number:02}")).collect();
            let work: Vec<_> = names.iter().map(String::as_str).zip(sizes.iter().copied()).collect();
            let jobs = share(&work, most);
            let mut all: Vec<_> = jobs.iter().flat_map(|job| job.names.clone()).collect();
            all.sort_unstable();
            prop_assert_eq!(all, names.iter().map(String::as_str).collect::<Vec<_>>());
            prop_assert_eq!(jobs.len(), sizes.len().min(usize::from(most)));
            let load = |job: &Job<'_>| job.names.iter().map(|name| sizes[name.parse::<usize>().unwrap()]).sum::<usize>();
            let (total, largest) = (sizes.iter().sum::<usize>(), sizes.iter().copied().max().unwrap_or(0));
            for job in &jobs {
                prop_assert!(load(job) <= total / jobs.len() + largest);
            }
        }
    }
}
