//! Findings as a person reads them ([`text`]) and as programs do: one file a format.

pub mod github;
pub mod json;
pub mod junit;
pub mod run;
pub mod safe;
pub mod sarif;
pub mod text;

#[cfg(test)]
mod tests;
