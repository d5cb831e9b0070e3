//! Rules about any file of a tree.

mod embedded;
mod example_domain;
mod foreign_setting;
mod placeholder;
mod tls_verification;
mod variable;
mod written_out;

use crate::check::Check;

pub(super) static CHECKS: &[Check] = &[
    Check::each(&[&tls_verification::TLS_VERIFICATION], tls_verification::check),
    Check::tree(&[&placeholder::PLACEHOLDER], |view, report| {
        placeholder::check(view, report);
        variable::check(view, report);
        foreign_setting::check(view, report);
    }),
    Check::tree(&[&example_domain::EXAMPLE_DOMAIN], example_domain::check),
    Check::each(&[&embedded::EMBEDDED], embedded::check),
    // Its rule is one of the table about the input: it is about a tree beside its environment, which no example shows.
    Check::tree(&[], written_out::check),
];
