//! [`Recorded`]: a disk that remembers what a run has asked of it, and what it answered.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use camino::{Utf8Path, Utf8PathBuf};
use sha2::{Digest as _, Sha256};

use super::{Disk, Entry, ReadError};

/// What can be asked about a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    List,
    /// At most so many bytes.
    Read(u64),
}

/// What was answered. That there is nothing is an answer, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Of a file's bytes, or of a folder's names and what they are.
    Digest([u8; 32]),
    Refused(String),
}

/// All questions of a run, with their answers.
pub type Answers = BTreeMap<(Utf8PathBuf, Question), Answer>;

/// Hands all questions on and, if that is wanted, remembers them.
pub struct Recorded {
    below: Box<dyn Disk>,
    log: Option<Mutex<Log>>,
}

#[derive(Debug, Default)]
struct Log {
    answers: Answers,
    /// Something was answered in two ways, or for a reason that may be gone the next time.
    is_unsteady: bool,
}

impl Recorded {
    pub fn new(below: Box<dyn Disk>, record: bool) -> Self {
        Self { below, log: record.then(Mutex::default) }
    }

    /// The disk without a memory.
    pub fn below(&self) -> &dyn Disk {
        self.below.as_ref()
    }

    /// Forgets what was remembered and gives it back; `None` if it is not the whole truth.
    pub fn take(&self) -> Option<Answers> {
        let log = self.log.as_ref()?;
        let Log { answers, is_unsteady } = std::mem::take(&mut *log.lock().unwrap_or_else(PoisonError::into_inner));
        (!is_unsteady).then_some(answers)
    }

    fn note(&self, path: &Utf8Path, question: Question, answer: Option<Answer>) {
        let Some(log) = &self.log else { return };
        let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Some(answer) => {
                let before = log.answers.insert((path.to_owned(), question), answer.clone());
                log.is_unsteady |= before.is_some_and(|before| before != answer);
            }
            None => log.is_unsteady = true,
        }
    }
}

impl Disk for Recorded {
    fn read(&self, path: &Utf8Path, limit: u64) -> Result<Vec<u8>, ReadError> {
        let result = self.below.read(path, limit);
        if self.log.is_some() {
            self.note(path, Question::Read(limit), answer(result.as_deref().map(digest_of_file)));
        }
        result
    }

    fn list(&self, path: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
        let result = self.below.list(path);
        if self.log.is_some() {
            self.note(path, Question::List, answer(result.as_deref().map(digest_of_folder)));
        }
        result
    }

    /// Not remembered: what a link leads to is, and none of it is used.
    fn link_on<'p>(&self, path: &'p Utf8Path) -> Option<&'p Utf8Path> {
        self.below.link_on(path)
    }
}

/// Asks again. `None` if there is no answer that would be the same the next time; with the bytes of a file.
pub fn ask(disk: &dyn Disk, path: &Utf8Path, question: Question) -> Option<(Answer, Vec<u8>)> {
    match question {
        Question::List => {
            let entries = disk.list(path);
            Some((answer(entries.as_deref().map(digest_of_folder))?, Vec::new()))
        }
        Question::Read(limit) => {
            let bytes = disk.read(path, limit);
            Some((answer(bytes.as_deref().map(digest_of_file))?, bytes.unwrap_or_default()))
        }
    }
}

fn answer(result: Result<[u8; 32], &ReadError>) -> Option<Answer> {
    match result {
        Ok(digest) => Some(Answer::Digest(digest)),
        Err(ReadError::Io(_) | ReadError::NotInClone) => None,
        Err(error) => Some(Answer::Refused(format!("{error:?}"))),
    }
}

fn digest_of_file(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn digest_of_folder(entries: &[Entry]) -> [u8; 32] {
    let mut digest = Sha256::new();
    for Entry { name, kind } in entries {
        // No name holds a zero.
        digest.update(format!("{name}\0{kind:?}\0"));
    }
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::disk::Memory;

    #[test]
    fn questions_are_remembered_with_their_answers_and_what_is_missing() {
        let memory = || Memory::default().file("a/b.yaml", "1").file("a/c.yaml", "2");
        let disk = Recorded::new(Box::new(memory()), true);
        drop((disk.read("a/b.yaml".into(), 9), disk.read("a/x.yaml".into(), 9), disk.list("a".into())));
        drop((disk.read("a/b.yaml".into(), 9), disk.read("a/b.yaml".into(), 0)));
        let answers = disk.take().unwrap();
        let asked: Vec<_> = answers.keys().map(|(path, question)| format!("{path} {question:?}")).collect();
        assert_eq!(asked, ["a List", "a/b.yaml Read(0)", "a/b.yaml Read(9)", "a/x.yaml Read(9)"]);
        let changed = |disk: Memory| {
            let is_other = |((path, question), answer): &(&(Utf8PathBuf, Question), &Answer)| {
                ask(&disk, path, *question).is_none_or(|(now, _)| now != **answer)
            };
            answers.iter().filter(is_other).map(|((path, _), _)| path.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(changed(memory()), [""; 0]);
        assert_eq!(changed(memory().file("a/x.yaml", "3")), ["a", "a/x.yaml"]);
        assert_eq!(changed(memory().file("a/b.yaml", "3")), ["a/b.yaml"]);
        assert_eq!(changed(Memory::default().file("a/b.yaml", "1")), ["a"]);
    }

    /// A disk that changes while it is read.
    struct Restless(Arc<Mutex<u8>>);

    impl Disk for Restless {
        fn read(&self, _: &Utf8Path, _: u64) -> Result<Vec<u8>, ReadError> {
            let mut count = self.0.lock().unwrap();
            *count += 1;
            Ok(vec![*count])
        }

        fn list(&self, _: &Utf8Path) -> Result<Vec<Entry>, ReadError> {
            Err(std::io::Error::other("refused").into())
        }
    }

    #[test]
    fn what_changes_meanwhile_or_cannot_be_said_again_is_no_truth() {
        let restless = || Recorded::new(Box::new(Restless(Arc::default())), true);
        let disk = restless();
        drop(disk.read("a".into(), 9));
        assert!(disk.take().is_some());
        drop((disk.read("a".into(), 9), disk.read("a".into(), 9)));
        assert!(disk.take().is_none());
        drop(disk.list("a".into()));
        assert!(disk.take().is_none());
        assert!(Recorded::new(Box::new(Memory::default()), false).take().is_none());
    }
}
