//! Certificates that nobody looks at.

use crate::check::{Node, Report, Signs, View, rule};
use crate::value::Value;

rule! {
    TLS_VERIFICATION = Warning "output/tls-verification";
    summary: "a program is told to take any certificate";
    explanation: "Without looking at the certificate a program speaks to whoever answers, and encryption protects from nobody who is in between. It is meant for a test and stays. Give it the authority that signed: a `caFile`, `caBundle` or the like. Judged for flags such as `--kubelet-insecure-tls`, and for the keys that charts and API services have for it; not for what scrapes metrics, where it is usual.";
    wrong: "
        --- # metrics-server/values.yaml
        args: [--kubelet-insecure-tls]
    ";
    right: "
        --- # metrics-server/values.yaml
        args: [--kubelet-certificate-authority=/etc/kubernetes/pki/ca.crt]
    ";
}

/// Flags of programs.
const FLAGS: [&str; 8] = [
    "--insecure-skip-tls-verify",
    "--insecure-skip-verify",
    "--kubelet-insecure-tls",
    "--skip-tls-verify",
    "--storage.insecure-skip-verify",
    "--tls-insecure-skip-verify",
    "--tls-skip-verify",
    "--no-check-certificate",
];

/// Keys of values and objects: those of API services, and of charts that hand it to a client.
const KEYS: [&str; 6] = [
    "insecureSkipTLSVerify",
    "insecureSkipTlsVerify",
    "kubeletInsecureTLS",
    "skipTLSVerify",
    "tlsInsecureSkipVerify",
    "tlsSkipVerify",
];

pub(super) fn check(view: &View<'_>, report: &mut Report) {
    for object in view.objects() {
        judge(&object.root(), report);
    }
    for values in view.values() {
        judge(values, report);
    }
}

fn judge(root: &Node<'_>, report: &mut Report) {
    for node in KEYS.iter().flat_map(|key| root.under(key)) {
        if *node.value == Value::Bool(true) || node.text() == Some("true") {
            say(&node, report);
        }
    }
    for (node, text) in root.texts_with(Signs::of(b"-")) {
        let flag = FLAGS.iter().find(|flag| text.strip_prefix(**flag).is_some_and(|rest| matches!(rest, "" | "=true")));
        if flag.is_some() {
            say(&node, report);
        }
    }
}

fn say(node: &Node<'_>, report: &mut Report) {
    report
        .at(&TLS_VERIFICATION, node, "whoever answers is taken for the right one: no certificate is looked at")
        .label("this turns it off")
        .help("leave it out, and name the authority that signs instead");
}
