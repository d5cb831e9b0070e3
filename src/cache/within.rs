//! Entries that end with the run: what one side of a comparison has found out is told to the other.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::Store;

/// Where entries are kept, by name.
pub trait Entries: Sync {
    fn get(&self, name: &str) -> Option<Vec<u8>>;

    /// Keeps something under a name; what was there is gone. That it could not be kept does not matter.
    fn put(&self, name: &str, body: &[u8]);
}

impl Entries for Store {
    fn get(&self, name: &str) -> Option<Vec<u8>> {
        Self::get(self, name)
    }

    fn put(&self, name: &str, body: &[u8]) {
        Self::put(self, name, body);
    }
}

/// In memory.
#[derive(Debug, Default)]
pub struct Within(Mutex<BTreeMap<String, Vec<u8>>>);

impl Entries for Within {
    fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn put(&self, name: &str, body: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), body.to_vec());
    }
}
