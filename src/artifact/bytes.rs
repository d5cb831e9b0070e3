//! [`Bytes`]: what a file holds, and its digest.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use sha2::{Digest as _, Sha256};

/// Bytes that do not change any more: copies share them. Several want to know their digest; it is worked out once.
#[derive(Clone, Debug, Default)]
pub struct Bytes(Arc<Held>);

#[derive(Debug, Default)]
struct Held {
    bytes: Vec<u8>,
    digest: OnceLock<[u8; 32]>,
}

impl Bytes {
    /// SHA-256 of them.
    pub fn digest(&self) -> &[u8; 32] {
        self.0.digest.get_or_init(|| Sha256::digest(&self.0.bytes).into())
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Held { bytes, digest: OnceLock::new() }))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0.bytes
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        self.0.bytes == other.0.bytes
    }
}

impl Eq for Bytes {}
